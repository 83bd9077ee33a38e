// Does one forbidden thing in a real-time context; the real-time sanitizer must end it there.

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string_view>

extern "C" {
void __rtsan_realtime_enter();
void __rtsan_realtime_exit();
}

namespace {

void *volatile sink; // keeps the optimiser from deleting a malloc nobody uses
std::mutex mutex;

void sin(std::string_view which) {
    if (which == "malloc") sink = std::malloc(100);
    if (which == "mutex") mutex.lock();
    if (which == "printf") std::printf("%p\n", sink);
}

} // namespace

int main(int argc, char **argv) {
    const std::string_view which = argc == 2 ? argv[1] : "";
    if (which != "none" && which != "malloc" && which != "mutex" && which != "printf") return 2;
    __rtsan_realtime_enter();
    sin(which);
    __rtsan_realtime_exit();
    std::puts("survived");
}
