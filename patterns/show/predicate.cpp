#include "patterns/show/predicate.h"

#include "patterns/text/number.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace chronus::patterns {

namespace {

constexpr float kQuiet = 1e-4f;   // -80 dBFS, as the check of a render has it
constexpr double kFull_db = -0.1; // a hair below full scale
constexpr double kMostSilence_s = 3600;

Error no_predicate(std::string_view text) {
    return {Errc::bad_type,
            fmt::format("\"{}\": what can be looked for is silence, silence=2, clipping, "
                        "level>-14, level<-40, peak>-3 and peak<-60",
                        text),
            "silence"};
}

Result<Predicate> of_silence(std::string_view text, std::string_view seconds) {
    const auto number = parse_number(seconds);
    if (!number) return no_predicate(text);
    if (*number < 0.1 || *number > kMostSilence_s)
        return Error{Errc::out_of_range,
                     fmt::format("\"{}\": silence is of 0.1 to {} s", text, kMostSilence_s),
                     "silence=1"};
    return Predicate{.of = Predicate::Of::silence, .limit = *number};
}

Result<Predicate> of_loudness(std::string_view text, Predicate::Of of) {
    const std::size_t sign = text.find_first_of("<>");
    const auto number = parse_number(text.substr(sign + 1));
    if (!number) return no_predicate(text);
    if (*number < -100 || *number > 6)
        return Error{Errc::out_of_range, fmt::format("\"{}\": a limit is of -100 to 6 dB", text),
                     fmt::format("{}-14", text.substr(0, sign + 1))};
    return Predicate{.of = of, .above = text[sign] == '>', .limit = *number};
}

} // namespace

std::string_view Predicate::unit() const {
    switch (of) {
    case Of::silence:
        return "s of silence";
    case Of::clipping:
        return "dBTP";
    case Of::level:
        return "LUFS";
    case Of::peak:
        return "dBFS";
    }
    return "";
}

Result<Predicate> parse_predicate(std::string_view text) {
    if (text == "silence") return Predicate{};
    if (text == "clipping") return Predicate{.of = Predicate::Of::clipping, .limit = kFull_db};
    if (text.starts_with("silence=")) return of_silence(text, text.substr(8));
    if (text.starts_with("level>") || text.starts_with("level<"))
        return of_loudness(text, Predicate::Of::level);
    if (text.starts_with("peak>") || text.starts_with("peak<"))
        return of_loudness(text, Predicate::Of::peak);
    return no_predicate(text);
}

void Listening::hear(StereoBlock tick) {
    for (std::size_t i = 0; i < tick.frames(); ++i) {
        const bool is_heard = std::max(std::abs(tick.left[i]), std::abs(tick.right[i])) > kQuiet;
        heard_ = heard_ || is_heard;
        silent_ = is_heard ? 0 : silent_ + 1;
    }
    meter_.process(tick);
    if (meter_.steps() != steps_) look();
    steps_ = meter_.steps();
}

void Listening::look() {
    const auto levels = meter_.levels();
    bool holds = false;
    switch (predicate_.of) {
    case Predicate::Of::silence:
        value_ = heard_ ? static_cast<double>(silent_) / static_cast<double>(fs_.hz) : 0;
        holds = heard_ && value_ >= predicate_.limit;
        break;
    case Predicate::Of::clipping:
        value_ = static_cast<double>(levels.true_peak_db);
        holds = value_ >= predicate_.limit;
        break;
    case Predicate::Of::level:
    case Predicate::Of::peak:
        value_ = static_cast<double>(predicate_.of == Predicate::Of::level ? levels.momentary_lufs
                                                                           : levels.peak_db);
        holds = predicate_.above ? value_ > predicate_.limit : value_ < predicate_.limit;
        break;
    }
    has_not_held_ = has_not_held_ || (predicate_.of == Predicate::Of::silence ? heard_ : !holds);
    holds_ = holds && (has_not_held_ || !predicate_.is_of_quiet());
}

} // namespace chronus::patterns
