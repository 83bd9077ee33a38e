#include "tests/support/rt_guard.h"

#include <atomic>

namespace chronus::rt {

namespace {
// initial-exec: reading it must not allocate, for malloc itself reads it.
[[gnu::tls_model("initial-exec")]] constinit thread_local int depth = 0;
constinit std::atomic<std::uint64_t> library_count = 0;
constinit std::atomic<std::uint64_t> system_count = 0;
constinit std::atomic<const char *> last_name = "";
constinit std::atomic<int> last_number = -1;

void note(const char *name) noexcept {
    if (depth == 0) return;
    library_count.fetch_add(1, std::memory_order_relaxed);
    last_name.store(name, std::memory_order_relaxed);
}
} // namespace

RtScope::RtScope() noexcept { ++depth; }
RtScope::~RtScope() { --depth; }

std::uint64_t violations() noexcept { return library_count.load(); }
std::uint64_t system_calls() noexcept { return system_count.load(); }
const char *last_violation() noexcept { return last_name.load(); }
int last_system_call() noexcept { return last_number.load(); }

void forget() noexcept {
    library_count = 0;
    system_count = 0;
    last_name = "";
    last_number = -1;
}

} // namespace chronus::rt

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void *,
                                                                  std::size_t),
                                                         void (*)(const volatile void *));

namespace chronus::rt {
namespace {
[[maybe_unused]] const int hooked = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void *, std::size_t) { note("malloc"); },
    [](const volatile void *) { note("free"); });
} // namespace

bool trap_system_calls() noexcept { return false; }
} // namespace chronus::rt

#else

#include <cerrno>
#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <ctime>

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

// The C library's own names for what stands behind malloc; asking dlsym for it would allocate.
extern "C" {
void *__libc_malloc(std::size_t);
void *__libc_calloc(std::size_t, std::size_t);
void *__libc_realloc(void *, std::size_t);
void *__libc_memalign(std::size_t, std::size_t);
void __libc_free(void *);
}

namespace {

using chronus::rt::note;

/// The next definition of `name` after ours. Asked for on the first call; that may lock, but only
/// ever once, and a scope that calls `name` at all is already in the wrong.
template <class Function>
Function *next(const char *name) noexcept {
    return reinterpret_cast<Function *>(dlsym(RTLD_NEXT, name));
}

} // namespace

/// Defines `name` as: note it, then do what the library does.
#define CHRONUS_WATCH(result, name, parameters, arguments, ...)                                    \
    extern "C" result name parameters __VA_ARGS__ {                                                \
        using Real = result parameters;                                                            \
        static constinit Real *real = nullptr;                                                     \
        note(#name);                                                                               \
        if (real == nullptr) real = next<Real>(#name);                                             \
        return real arguments;                                                                     \
    }

// Memory. operator new and delete, strdup and their like end here too.
extern "C" void *malloc(std::size_t size) noexcept {
    note("malloc");
    return __libc_malloc(size);
}
extern "C" void *calloc(std::size_t count, std::size_t size) noexcept {
    note("calloc");
    return __libc_calloc(count, size);
}
extern "C" void *realloc(void *old, std::size_t size) noexcept {
    note("realloc");
    return __libc_realloc(old, size);
}
extern "C" void free(void *memory) noexcept {
    if (memory != nullptr) note("free");
    __libc_free(memory);
}
extern "C" void *memalign(std::size_t alignment, std::size_t size) noexcept {
    note("memalign");
    return __libc_memalign(alignment, size);
}
extern "C" void *aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    note("aligned_alloc");
    return __libc_memalign(alignment, size);
}
extern "C" int posix_memalign(void **out, std::size_t alignment, std::size_t size) noexcept {
    note("posix_memalign");
    void *memory = __libc_memalign(alignment, size);
    if (memory == nullptr) return ENOMEM;
    *out = memory;
    return 0;
}
CHRONUS_WATCH(void *, mmap, (void *a, std::size_t n, int p, int f, int d, off_t o),
              (a, n, p, f, d, o), noexcept)
CHRONUS_WATCH(int, munmap, (void *a, std::size_t n), (a, n), noexcept)

// Locks and waiting.
CHRONUS_WATCH(int, pthread_mutex_lock, (pthread_mutex_t * m), (m), noexcept)
CHRONUS_WATCH(int, pthread_rwlock_rdlock, (pthread_rwlock_t * l), (l), noexcept)
CHRONUS_WATCH(int, pthread_rwlock_wrlock, (pthread_rwlock_t * l), (l), noexcept)
CHRONUS_WATCH(int, pthread_spin_lock, (pthread_spinlock_t * l), (l), noexcept)
CHRONUS_WATCH(int, pthread_cond_wait, (pthread_cond_t * c, pthread_mutex_t *m), (c, m))
CHRONUS_WATCH(int, pthread_cond_timedwait,
              (pthread_cond_t * c, pthread_mutex_t *m, const timespec *t), (c, m, t))
CHRONUS_WATCH(int, pthread_cond_clockwait,
              (pthread_cond_t * c, pthread_mutex_t *m, clockid_t k, const timespec *t),
              (c, m, k, t))
CHRONUS_WATCH(int, pthread_cond_signal, (pthread_cond_t * c), (c), noexcept)
CHRONUS_WATCH(int, pthread_cond_broadcast, (pthread_cond_t * c), (c), noexcept)
CHRONUS_WATCH(int, pthread_join, (pthread_t t, void **r), (t, r))
CHRONUS_WATCH(int, sem_wait, (sem_t * s), (s))
CHRONUS_WATCH(int, sem_post, (sem_t * s), (s), noexcept)
CHRONUS_WATCH(int, nanosleep, (const timespec *t, timespec *left), (t, left))
CHRONUS_WATCH(int, clock_nanosleep, (clockid_t k, int f, const timespec *t, timespec *left),
              (k, f, t, left))
CHRONUS_WATCH(int, usleep, (useconds_t t), (t))
CHRONUS_WATCH(int, sched_yield, (), (), noexcept)
CHRONUS_WATCH(int, poll, (pollfd * p, nfds_t n, int t), (p, n, t))

// Clocks: render is a function of its input, and the time of day is not one.
CHRONUS_WATCH(int, clock_gettime, (clockid_t k, timespec *t), (k, t), noexcept)
CHRONUS_WATCH(int, gettimeofday, (timeval * t, void *z), (t, z), noexcept)
CHRONUS_WATCH(std::time_t, time, (std::time_t * t), (t), noexcept)

// Files and sockets.
CHRONUS_WATCH(ssize_t, read, (int d, void *p, std::size_t n), (d, p, n))
CHRONUS_WATCH(ssize_t, write, (int d, const void *p, std::size_t n), (d, p, n))
CHRONUS_WATCH(ssize_t, writev, (int d, const iovec *v, int n), (d, v, n))
CHRONUS_WATCH(int, close, (int d), (d))
CHRONUS_WATCH(ssize_t, send, (int d, const void *p, std::size_t n, int f), (d, p, n, f))
CHRONUS_WATCH(ssize_t, sendto,
              (int d, const void *p, std::size_t n, int f, const sockaddr *a, socklen_t l),
              (d, p, n, f, a, l))
CHRONUS_WATCH(ssize_t, recv, (int d, void *p, std::size_t n, int f), (d, p, n, f))
CHRONUS_WATCH(std::FILE *, fopen, (const char *p, const char *m), (p, m))
CHRONUS_WATCH(int, fclose, (std::FILE * f), (f))
CHRONUS_WATCH(int, fflush, (std::FILE * f), (f))
CHRONUS_WATCH(std::size_t, fwrite, (const void *p, std::size_t s, std::size_t n, std::FILE *f),
              (p, s, n, f))
CHRONUS_WATCH(int, fputs, (const char *s, std::FILE *f), (s, f))
CHRONUS_WATCH(int, fputc, (int c, std::FILE *f), (c, f))
CHRONUS_WATCH(int, puts, (const char *s), (s))
CHRONUS_WATCH(int, putc, (int c, std::FILE *f), (c, f))
CHRONUS_WATCH(int, vfprintf, (std::FILE * f, const char *s, std::va_list v), (f, s, v))

// Those with a tail of arguments are written out.
extern "C" int open(const char *path, int flags, ...) {
    using Real = int(const char *, int, ...);
    static constinit Real *real = nullptr;
    note("open");
    if (real == nullptr) real = next<Real>("open");
    std::va_list tail;
    va_start(tail, flags);
    const unsigned mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(tail, unsigned) : 0;
    va_end(tail);
    return real(path, flags, mode);
}
extern "C" int printf(const char *format, ...) {
    note("printf");
    std::va_list tail;
    va_start(tail, format);
    const int written = std::vprintf(format, tail);
    va_end(tail);
    return written;
}
extern "C" int fprintf(std::FILE *file, const char *format, ...) {
    using Real = int(std::FILE *, const char *, std::va_list);
    static constinit Real *real = nullptr;
    note("fprintf");
    if (real == nullptr) real = next<Real>("vfprintf");
    std::va_list tail;
    va_start(tail, format);
    const int written = real(file, format, tail);
    va_end(tail);
    return written;
}
/// std::atomic::wait and notify come this way, to the futex.
extern "C" long syscall(long number, ...) noexcept {
    using Real = long(long, ...);
    static constinit Real *real = nullptr;
    note("syscall");
    if (real == nullptr) real = next<Real>("syscall");
    std::va_list tail;
    va_start(tail, number);
    long a[6];
    for (long &argument : a) argument = va_arg(tail, long);
    va_end(tail);
    return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

#if defined(__x86_64__) && defined(__linux__)

#include <csignal>
#include <cstring>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>

// One system call whose instruction has an address we know: the filter lets calls from here pass,
// so that the handler below can do what the trapped code asked for.
asm(R"(
    .text
    .type chronus_let_through, @function
chronus_let_through:
    mov %rdi, %rax
    mov %rsi, %rdi
    mov %rdx, %rsi
    mov %rcx, %rdx
    mov %r8, %r10
    mov %r9, %r8
    mov 8(%rsp), %r9
    syscall
chronus_let_through_end:
    ret
)");
extern "C" long chronus_let_through(long number, long, long, long, long, long, long);
extern "C" const char chronus_let_through_end[];

namespace chronus::rt {
namespace {

/// What rt_sigprocmask would do, but SIGSYS stays open: a trap while it is blocked ends the
/// process, and the C library blocks every signal when a thread ends.
long change_mask(int how, const std::uint64_t *set, std::uint64_t *old, ucontext_t *context) {
    std::uint64_t mask = 0; // the kernel's set: 8 bytes at the start of the library's 128
    std::memcpy(&mask, &context->uc_sigmask, sizeof mask);
    if (old != nullptr) *old = mask;
    if (set == nullptr) return 0;
    if (how == SIG_BLOCK) mask |= *set;
    if (how == SIG_UNBLOCK) mask &= ~*set;
    if (how == SIG_SETMASK) mask = *set;
    mask &= ~(std::uint64_t{1} << (SIGSYS - 1));
    std::memcpy(&context->uc_sigmask, &mask, sizeof mask);
    return 0;
}

void on_system_call(int, siginfo_t *info, void *raw) {
    const int number = info->si_syscall;
    if (depth > 0) {
        system_count.fetch_add(1, std::memory_order_relaxed);
        last_number.store(number, std::memory_order_relaxed);
    }
    auto *context = static_cast<ucontext_t *>(raw);
    greg_t *regs = context->uc_mcontext.gregs;
    if (number == SYS_rt_sigprocmask) {
        regs[REG_RAX] = change_mask(static_cast<int>(regs[REG_RDI]),
                                    reinterpret_cast<const std::uint64_t *>(regs[REG_RSI]),
                                    reinterpret_cast<std::uint64_t *>(regs[REG_RDX]), context);
        return;
    }
    regs[REG_RAX] = chronus_let_through(number, regs[REG_RDI], regs[REG_RSI], regs[REG_RDX],
                                        regs[REG_R10], regs[REG_R8], regs[REG_R9]);
}

bool install_handler() noexcept {
    struct sigaction action {};
    action.sa_sigaction = on_system_call;
    action.sa_flags = SA_SIGINFO;
    sigemptyset(&action.sa_mask);
    return sigaction(SIGSYS, &action, nullptr) == 0;
}

constexpr sock_filter load(unsigned offset) { return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset); }
constexpr sock_filter skip_unless(unsigned value, unsigned char count) {
    return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, count);
}
constexpr sock_filter answer(unsigned what) { return BPF_STMT(BPF_RET | BPF_K, what); }

} // namespace

bool trap_system_calls() noexcept {
    if (!install_handler()) return false;
    const auto from = reinterpret_cast<std::uintptr_t>(chronus_let_through_end);
    const auto low = static_cast<unsigned>(from), high = static_cast<unsigned>(from >> 32);
    // Never trapped: what a handler cannot do on another's behalf (its own return, a new thread,
    // the end).
    sock_filter program[] = {
        load(offsetof(seccomp_data, instruction_pointer)),
        skip_unless(low, 3),
        load(offsetof(seccomp_data, instruction_pointer) + 4),
        skip_unless(high, 1),
        answer(SECCOMP_RET_ALLOW),
        load(offsetof(seccomp_data, nr)),
        skip_unless(SYS_rt_sigreturn, 1),
        answer(SECCOMP_RET_ALLOW),
        skip_unless(SYS_clone, 1),
        answer(SECCOMP_RET_ALLOW),
        skip_unless(SYS_clone3, 1),
        answer(SECCOMP_RET_ALLOW),
        skip_unless(SYS_exit, 1),
        answer(SECCOMP_RET_ALLOW),
        skip_unless(SYS_exit_group, 1),
        answer(SECCOMP_RET_ALLOW),
        answer(SECCOMP_RET_TRAP),
    };
    const sock_fprog filter{static_cast<unsigned short>(std::size(program)), program};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}

} // namespace chronus::rt

#else

bool chronus::rt::trap_system_calls() noexcept { return false; }

#endif
#endif
