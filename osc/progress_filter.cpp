#include "osc/progress_filter.h"

#include "osc/time_ago.h"
#include "osc/typed.h"
#include "osc/verbs.h"
#include "patterns/text/nearest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace chronus::osc {

namespace {

using patterns::OperationFilter;

constexpr std::size_t kUsual = 100;
constexpr IntRange kLimits{1, patterns::kOperationsKept};
constexpr std::array<std::string_view, 3> kStatuses{"completed", "failed", "cancelled"};
constexpr std::array<std::string_view, 3> kKeys{"status", "since", "until"};

class Reader {
public:
    explicit Reader(std::int64_t now_ms) : now_ms_(now_ms) {}

    Result<OperationFilter> read(Args args) {
        if (has(args, 0) && text_at(args, 0) != "all") filter_.type = text_at(args, 0);
        if (has(args, 1)) {
            const auto most = to_index(args[1], "limit", kLimits);
            if (!most) return Error{most.error().code, most.error().what, line("")};
            filter_.most = static_cast<std::size_t>(*most);
        }
        for (const Value &value : args.subspan(std::min<std::size_t>(args.size(), 2))) {
            const auto word = to_text(value, "filter");
            if (!word) return Error{word.error().code, word.error().what, line("since=1h")};
            if (const auto taken = take(*word); !taken) return taken.error();
        }
        return filter_;
    }

private:
    std::string line(std::string_view rest) const {
        const std::string type = filter_.type.empty() ? "all" : shell_word(filter_.type);
        return fmt::format("/progress/history {} {} {}", type, filter_.most, rest);
    }

    Outcome take(const std::string &word) {
        const std::size_t sign = std::min(word.find('='), word.size());
        const std::string_view key{word.data(), sign};
        const std::string_view value =
            std::string_view{word}.substr(std::min(sign + 1, word.size()));
        if (key == "status") return take_status(value);
        if (key == "since") return take_time(filter_.since_ms, word, value);
        if (key == "until") return take_time(filter_.until_ms, word, value);
        const auto near = patterns::nearest_of(key, kKeys);
        return Error{Errc::bad_type, fmt::format("{}: not status=, since= or until=", word),
                     line(near == "status" ? "status=failed" : fmt::format("{}=1h", near))};
    }

    Outcome take_status(std::string_view value) {
        filter_.status = value;
        if (std::ranges::find(kStatuses, value) != kStatuses.end()) return Done{};
        return Error{Errc::out_of_range,
                     fmt::format("status {}: not completed, failed or cancelled", value),
                     line(fmt::format("status={}", patterns::nearest_of(value, kStatuses)))};
    }

    Outcome take_time(std::optional<std::int64_t> &time, std::string_view word,
                      std::string_view value) {
        const auto ago = time_ago(word, value, now_ms_);
        if (!ago)
            return Error{ago.error().code, ago.error().what,
                         line(fmt::format("{}=1h", word.substr(0, word.find('='))))};
        time = *ago;
        return Done{};
    }

    const std::int64_t now_ms_;
    OperationFilter filter_{.most = kUsual};
};

} // namespace

Result<OperationFilter> operation_filter(Args args, std::int64_t now_ms) {
    return Reader{now_ms}.read(args);
}

} // namespace chronus::osc
