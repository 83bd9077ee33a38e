#include "tools/chronusctl/signals.h"

#include <csignal>
#include <initializer_list>

namespace chronus::ctl {

namespace {

volatile std::sig_atomic_t marked = 0; // the only thing a handler may write

extern "C" void mark(int) { marked = 1; }
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

} // namespace chronus::ctl
