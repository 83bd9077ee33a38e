#include "tools/chronusctl/signals.h"

#include <csignal>
#include <initializer_list>
#include <utility>

namespace chronus::ctl {

namespace {

volatile std::sig_atomic_t marked = 0; // the only thing a handler may write

extern "C" void mark(int signal) { marked = signal; }
extern "C" void wake(int) {}

void handle(int signal, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    sigaction(signal, &action, nullptr);
}

} // namespace

void catch_interrupts() {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) handle(signal, mark);
    handle(SIGWINCH, wake);
}

bool interrupted() { return marked != 0; }

int take_interrupt() { return std::exchange(marked, 0); }

} // namespace chronus::ctl
