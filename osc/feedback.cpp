#include "osc/feedback.h"

#include "osc/packet.h"

#include <algorithm>

namespace chronus::osc {

void Visuals::send() {
    const Telemetry &engine = session_.telemetry();
    Message levels{"/viz/levels"}, spectrum{"/viz/spectrum"};
    for (std::uint16_t v = 0; v < session_.config().voices; ++v)
        levels.args.emplace_back(std::clamp(engine.voice_peaks[v].load(), 0.0f, 1.0f));
    for (const auto &band : engine.bands)
        spectrum.args.emplace_back(std::clamp(band.load(), 0.0f, 1.0f));
    // Nobody need be listening: what cannot be sent is not missed.
    (void)socket_.send_to(to_, encode(levels));
    (void)socket_.send_to(to_, encode(spectrum));
}

} // namespace chronus::osc
