#include "patterns/history/blame.h"

#include "patterns/text/nearest.h"
#include "patterns/text/notation.h"

#include <fmt/format.h>

#include <optional>
#include <span>
#include <utility>

namespace chronus::patterns {

namespace {

/// Each step as it is written, a held one as "_".
std::vector<std::string> steps_of(const Document &document, std::string_view track) {
    std::vector<std::string> out;
    for (const Track &each : document.scene.playing()) {
        if (each.name.view() != track) continue;
        for (std::size_t i = 0; i < each.length; ++i) {
            const std::span one{&each.steps[i], 1};
            out.push_back(one[0].hit == Hit::tie ? "_" : print_pattern({one, &each.locks}));
        }
    }
    return out;
}

Error no_track(const Document &document, std::string_view track) {
    std::vector<std::string_view> known;
    for (const Track &each : document.scene.playing()) known.push_back(each.name.view());
    const std::string_view near = known.empty()                      ? ""
                                  : nearest_of(track, known).empty() ? known[0]
                                                                     : nearest_of(track, known);
    return {Errc::not_found, fmt::format("track \"{}\": that snapshot has none of the name", track),
            near.empty() ? "/snapshot/list" : fmt::format("/snapshot/blame \"{}\"", near)};
}

/// The last of the line, from `at` on, in which the track was touched, and the one before it.
struct Touch {
    KeptSnapshot by;
    std::optional<KeptSnapshot> before;
};

constexpr std::string_view kLastTouch =
    "WITH RECURSIVE up (id, parent) AS (SELECT id, parent FROM snapshots WHERE id = ?1"
    " UNION ALL SELECT s.id, s.parent FROM snapshots s JOIN up ON s.id = up.parent)"
    " SELECT id, parent FROM up WHERE parent IS NULL"
    " OR EXISTS (SELECT 1 FROM touched t WHERE t.node = ?2 AND t.snapshot = up.id) LIMIT 1";

Result<Touch> last_touch(Database &db, const KeptSnapshot &at, const std::string &node) {
    auto asked = db.prepare(kLastTouch);
    if (!asked) return asked.error();
    const auto row = asked->with(at.id, std::string_view{node}).next();
    if (!row) return row.error();
    if (!*row) return Touch{at, std::nullopt};
    auto by = snapshot_at(db, asked->whole(0));
    if (!by) return by.error();
    if (asked->is_null(1)) return Touch{by->value_or(at), std::nullopt};
    auto before = snapshot_at(db, asked->whole(1));
    if (!before) return before.error();
    return Touch{by->value_or(at), *std::move(before)};
}

} // namespace

Result<std::vector<BlamedStep>> blame(Database &db, const KeptSnapshot &at,
                                      std::string_view track) {
    const auto document = document_of(db, at);
    if (!document) return document.error();
    const auto now = steps_of(*document, track);
    if (now.empty()) return no_track(*document, track);
    std::vector<std::optional<KeptSnapshot>> by(now.size());
    const std::string node = fmt::format("{}{}", kTrackNode, track);
    std::optional<KeptSnapshot> from = at;
    for (std::size_t open = now.size(); from && open > 0;) {
        auto touch = last_touch(db, *from, node);
        if (!touch) return touch.error();
        std::vector<std::string> before;
        if (touch->before) {
            const auto other = document_of(db, *touch->before);
            if (!other) return other.error();
            before = steps_of(*other, track);
        }
        for (std::size_t i = 0; i < now.size(); ++i) {
            if (by[i] || (i < before.size() && before[i] == now[i])) continue;
            by[i] = touch->by;
            --open;
        }
        from = std::move(touch->before);
    }
    std::vector<BlamedStep> out;
    for (std::size_t i = 0; i < now.size(); ++i)
        out.push_back({i + 1, now[i], by[i] ? *std::move(by[i]) : at});
    return out;
}

} // namespace chronus::patterns
