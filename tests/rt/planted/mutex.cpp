// expect: pthread_mutex_lock
#include <mutex>

std::mutex guard;
void planted(int &value) noexcept {
    const std::scoped_lock lock(guard);
    ++value;
}
