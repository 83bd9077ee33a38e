#include "engine/host/privileges.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace chronus {

namespace {

rlim_t limit_of(int what) noexcept {
    rlimit limit{};
    getrlimit(static_cast<__rlimit_resource>(what), &limit);
    return limit.rlim_cur;
}

int set_fifo(int priority) noexcept {
    sched_param param{};
    param.sched_priority = priority;
    return pthread_setschedparam(pthread_self(), SCHED_FIFO, &param);
}

} // namespace

int realtime_priority() noexcept {
    int policy = 0;
    sched_param param{};
    if (pthread_getschedparam(pthread_self(), &policy, &param) != 0) return 0;
    policy &= ~SCHED_RESET_ON_FORK;
    return policy == SCHED_FIFO || policy == SCHED_RR ? param.sched_priority : 0;
}

std::string priority_words(int priority) {
    if (priority > 0) return fmt::format("real-time priority {}", priority);
    const rlim_t limit = limit_of(RLIMIT_RTPRIO);
    if (limit == 0)
        return "normal priority: no permission for real-time priority (RLIMIT_RTPRIO is 0)";
    return "normal priority: the sound system did not give its thread a real-time one";
}

int allowed_priority(int wanted) noexcept {
    const rlim_t limit = limit_of(RLIMIT_RTPRIO);
    return limit == 0 ? wanted : static_cast<int>(std::min(limit, static_cast<rlim_t>(wanted)));
}

Grant raise_priority(int priority) {
    int refusal = set_fifo(priority);
    if (refusal != 0) refusal = set_fifo(allowed_priority(priority));
    const int now = realtime_priority();
    if (now > 0 || limit_of(RLIMIT_RTPRIO) == 0) return {now > 0, priority_words(now)};
    return {false, fmt::format("normal priority: {}", std::strerror(refusal))};
}

void lower_priority() noexcept {
    sched_param param{};
    pthread_setschedparam(pthread_self(), SCHED_OTHER, &param); // a child of a raised thread
    const auto self = static_cast<id_t>(syscall(SYS_gettid));
    setpriority(PRIO_PROCESS, self, 19); // Linux: of this thread alone
}

void make_way() noexcept {
    const bool realtime = set_fifo(1) == 0;
    lower_priority();
    const sched_param none{};
    if (!realtime) pthread_setschedparam(pthread_self(), SCHED_IDLE, &none);
}

Grant lock_memory() {
    if (mlockall(MCL_CURRENT | MCL_ONFAULT) == 0) return {true, "memory is locked"};
    const int refusal = errno;
    const rlim_t limit = limit_of(RLIMIT_MEMLOCK);
    if (limit != RLIM_INFINITY && (refusal == ENOMEM || refusal == EPERM))
        return {false, fmt::format("memory is not locked: no permission for this much "
                                   "(RLIMIT_MEMLOCK is {} KiB)",
                                   limit / 1024)};
    return {false, fmt::format("memory is not locked: {}", std::strerror(refusal))};
}

} // namespace chronus
