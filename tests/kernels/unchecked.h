/* For the loops of a reference that do nothing but multiply and add: with a sanitizer's checks they
 * take most of a test's time, and the kernels that they are compared with have none either. */
#ifndef WT_TESTS_UNCHECKED_H
#define WT_TESTS_UNCHECKED_H

#define UNCHECKED __attribute__((noinline, no_sanitize("address", "undefined")))

#endif
