// expect: __cxa_guard_acquire
int outside();

int planted() noexcept {
    static const int once = outside(); // a lock hides in the first call
    return once;
}
