/* Linked into the program of the address sanitizer's build only: drivers stay loaded to the end, so
 * that a leak of theirs has a name and tests/lsan.supp can tell it from ours. */
int dlclose(void *module);

int dlclose(void *module)
{
    (void)module;
    return 0;
}
