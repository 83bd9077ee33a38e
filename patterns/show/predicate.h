#pragma once

#include "dsp/block.h"
#include "dsp/loudness.h"
#include "dsp/units.h"
#include "engine/model/time.h"
#include "engine/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace chronus::patterns {

/// Something that a sound does or does not, ten times a second: "silence" or "silence=2" (s),
/// "clipping", "level>-14" or "level<-40" (LUFS of the last 0.4 s), "peak>-3" or "peak<-60" (dBFS
/// of the last 0.4 s).
struct Predicate {
    enum class Of : std::uint8_t { silence, clipping, level, peak };
    Of of = Of::silence;
    bool above = true; ///< of level and peak
    double limit = 1;  ///< s, LUFS or dBFS

    /// A performance begins in silence: these hold only after they once did not.
    bool is_of_quiet() const { return of == Of::silence || !above; }
    /// "LUFS", "dBFS", "dBTP" or "s of silence".
    std::string_view unit() const;
};

/// Errors: bad_type, out_of_range - the hint is one that is taken.
Result<Predicate> parse_predicate(std::string_view text);

/// Listens for it. Thread: any one at a time, never audio.
class Listening {
public:
    Listening(const Predicate &predicate, SampleRate fs) : predicate_(predicate), fs_(fs) {}

    /// Shapes: kTick frames, one tick after the other.
    void hear(StereoBlock tick);
    /// Whether it holds now.
    bool holds() const { return holds_; }
    /// Whether it did not, so far, at least once; of silence, whether something was heard.
    bool has_not_held() const { return has_not_held_; }
    /// What it is about, as measured last.
    double value() const { return value_; }

private:
    void look();

    Predicate predicate_;
    SampleRate fs_;
    dsp::LoudnessMeter meter_{fs_};
    std::uint32_t steps_ = 0;
    Frame silent_ = 0; // frames, since it was heard last
    bool heard_ = false, holds_ = false, has_not_held_ = false;
    double value_ = 0;
};

} // namespace chronus::patterns
