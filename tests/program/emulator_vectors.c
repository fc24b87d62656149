/* Preloaded into qemu-x86_64: it translates a guest's 256-bit vectors to vectors of 128 bits. Its
 * helpers, which make every sum and product of floats, are older (SSE) code, and with the upper
 * halves of vector registers in use a step from new (VEX) code to such code and back can cost 50
 * ns: a fused multiply-add of one number takes 6 ns this way and 120 without it (Xeon with AMX).
 *
 * qemu 7 finds out what the processor has into have_avx2, after constructors have run and before
 * it maps the guest's program. Where there is no such symbol nothing changes. */
#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool *have_avx2;

__attribute__((constructor)) static void find(void)
{
    have_avx2 = dlsym(RTLD_DEFAULT, "have_avx2");
}

__attribute__((visibility("default"))) void *mmap(void *address, size_t length, int protection,
                                                  int flags, int file, off_t offset)
{
    if (have_avx2)
        *have_avx2 = false;
    return (void *)syscall(SYS_mmap, address, length, protection, flags, file, offset);
}
