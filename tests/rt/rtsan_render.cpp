// Ten seconds of render under random commands in a real-time context: the real-time sanitizer ends
// the program at the first call that has no place there.

#include "engine/host/render_call.h"
#include "tests/support/duet.h"
#include "tests/support/random_player.h"

#include <cstdio>
#include <vector>

extern "C" {
void __rtsan_realtime_enter();
void __rtsan_realtime_exit();
}

namespace {
struct RealTime {
    RealTime() { __rtsan_realtime_enter(); }
    ~RealTime() { __rtsan_realtime_exit(); }
};
} // namespace

int main() {
    using namespace chronus;
    std::vector<float> memory(2 * 65536), taped(4096);
    Tape tape(memory);
    Session session({}, tape);
    test::RandomPlayer player(session, 12);
    player.make_noise();
    test::duet<RealTime>(
        render_call_of(session.engine()), 10 * 48000, [] {},
        [&] {
            player.act();
            tape.read(taped);
            session.drain_reports([](const Report &) {});
        });
    std::puts("survived");
}
