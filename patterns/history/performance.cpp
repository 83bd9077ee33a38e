#include "patterns/history/performance.h"

#include "patterns/history/content.h"
#include "patterns/history/contents.h"
#include "patterns/history/item_row.h"
#include "patterns/history/message_text.h"

#include <fmt/format.h>

#include <map>
#include <utility>

namespace chronus::patterns {

namespace {

void set_uids(Scene &scene, const std::vector<TrackUids> &uids) {
    for (std::size_t i = 0; i < scene.playing().size() && i < uids.size(); ++i) {
        scene.tracks[i].uid = uids[i].uid;
        scene.tracks[i].notes_uid = uids[i].notes_uid;
    }
}

/// Reads what is kept of a performance, and notes what is not as it should be.
class Reader {
public:
    Reader(Database &db, Performance &out) : db_(db), out_(out) {}

    Outcome read(std::string_view version) {
        if (auto done = session(version); !done) return done;
        if (auto done = counts(); !done) return done;
        return items();
    }

private:
    void flaw(Flaw::Kind kind, std::string what) { out_.flaws.push_back({kind, std::move(what)}); }

    Outcome session(std::string_view version) {
        auto asked = db_.prepare("SELECT start_ms, version, rate, voices, seed, content, uids"
                                 " FROM sessions WHERE id = ?");
        if (!asked) return asked.error();
        const auto row = asked->with(out_.execution.session).next();
        if (!row) return row.error();
        if (!*row || asked->text(1).empty() || asked->is_null(5)) {
            flaw(Flaw::Kind::no_session,
                 fmt::format("execution {}: the beginning of its session is not kept",
                             out_.execution.id));
            return Done{};
        }
        out_.session = {.id = out_.execution.session,
                        .start_ms = asked->whole(0),
                        .version = std::string{asked->text(1)},
                        .rate = static_cast<std::uint32_t>(asked->whole(2)),
                        .voices = static_cast<std::uint32_t>(asked->whole(3)),
                        .seed = static_cast<std::uint64_t>(asked->whole(4))};
        if (out_.session.version != version)
            flaw(Flaw::Kind::version,
                 fmt::format("execution {}: chronus {} played it, and this is {}",
                             out_.execution.id, out_.session.version, version));
        return first(asked->whole(5), std::string{asked->text(6)});
    }

    Outcome first(std::int64_t id, const std::string &uids) {
        const auto text = content(db_, id);
        if (!text && text.error().code != Errc::failed) return text.error();
        auto document = text ? document_of_content(*text) : Result<Document>{text.error()};
        const auto tracks = uids_of(uids);
        if (!document || !tracks) {
            flaw(Flaw::Kind::missing,
                 fmt::format("session {}: what it began with is not kept: {}", out_.session.id,
                             !document ? document.error().what : tracks.error().what));
            return Done{};
        }
        set_uids(document->scene, *tracks);
        out_.session.first = *std::move(document);
        return Done{};
    }

    /// Whether as many items are there as were kept, and none was lost.
    Outcome counts() {
        auto asked = db_.prepare(
            "SELECT id, items, lost, (SELECT count(*) FROM items i WHERE i.execution = e.id)"
            " FROM executions e WHERE session = ? AND id <= ? AND kind IN ('performance', 'pause')"
            " ORDER BY id");
        if (!asked) return asked.error();
        asked->with(out_.execution.session, out_.execution.id);
        return asked->each([this](const Statement &row) {
            if (row.whole(2) != 0)
                flaw(Flaw::Kind::lost,
                     fmt::format("execution {}: {} items were lost", row.whole(0), row.whole(2)));
            if (row.whole(3) != row.whole(1))
                flaw(Flaw::Kind::missing, fmt::format("execution {}: {} of its {} items are there",
                                                      row.whole(0), row.whole(3), row.whole(1)));
        });
    }

    Outcome items() {
        auto asked = db_.prepare(fmt::format(
            "{} WHERE e.session = ? AND e.id <= ? AND e.kind IN ('performance', 'pause')"
            " AND i.type IN ({}, {}, {}) ORDER BY i.execution, i.seq",
            kItemColumns, static_cast<int>(ItemType::applied), static_cast<int>(ItemType::late),
            static_cast<int>(ItemType::audio_hash)));
        if (!asked) return asked.error();
        asked->with(out_.execution.session, out_.execution.id);
        return asked->each([this](const Statement &row) -> Outcome {
            auto done = take(item_of(row));
            if (done || done.error().code != Errc::failed) return done;
            flaw(Flaw::Kind::damaged,
                 fmt::format("execution {}: {}", row.whole(10), done.error().what));
            return Done{};
        });
    }

    Outcome take(const Item &item) {
        if (item.type == ItemType::late) return put(late_of(item), out_.late);
        if (item.type == ItemType::audio_hash) return put(second_of(item), out_.seconds);
        const auto applied = applied_of(item);
        if (!applied) return applied.error();
        if (const auto *alarm = std::get_if<AlarmHeard>(&applied->what))
            out_.alarms.push_back(*alarm);
        if (const auto *sent = std::get_if<SentMessage>(&applied->what))
            return take(*sent, applied->scene);
        return Done{};
    }
    template <class T>
    static Outcome put(const Result<T> &value, std::vector<T> &into) {
        if (!value) return value.error();
        into.push_back(*value);
        return Done{};
    }

    Outcome take(const SentMessage &sent, const NamedScene &named) {
        KeptMessage kept{sent};
        const bool lends = std::holds_alternative<Edit>(sent.message.what) ||
                           std::holds_alternative<Switch>(sent.message.what);
        if (lends) {
            auto scene = scene_of(named);
            if (!scene && scene.error().code != Errc::failed) return scene.error();
            if (!scene)
                flaw(Flaw::Kind::missing, fmt::format("message {}: its scene is not kept: {}",
                                                      sent.n, scene.error().what));
            else
                kept.scene = *std::move(scene);
        }
        out_.messages.push_back(std::move(kept));
        return Done{};
    }

    using Lent = std::shared_ptr<const Scene>;
    Result<Lent> scene_of(const NamedScene &named) {
        const std::string key = named.content + uids_text(named.uids);
        if (const auto known = scenes_.find(key); known != scenes_.end()) return known->second;
        const auto id = find_content(db_, named.content);
        if (!id) return id.error();
        if (!*id) return Error{Errc::failed, "there is no such content"};
        const auto text = content(db_, **id);
        if (!text) return text.error();
        auto document = document_of_content(*text);
        if (!document) return Error{Errc::failed, document.error().what};
        set_uids(document->scene, named.uids);
        return scenes_[key] = std::make_shared<const Scene>(document->scene);
    }

    Database &db_;
    Performance &out_;
    std::map<std::string, Lent> scenes_;
};

} // namespace

Result<Performance> performance(Database &db, std::int64_t id, std::string_view version) {
    auto there = execution(db, id);
    if (!there) return there.error();
    if (!*there)
        return Error{Errc::not_found, fmt::format("execution {}: there is none", id),
                     "/history/list"};
    Performance out{.execution = **std::move(there)};
    if (out.execution.kind == ExecutionKind::render)
        return Error{Errc::unsupported,
                     fmt::format("execution {}: a render, which no messages made", id),
                     "/history/list"};
    if (out.execution.status == ExecutionStatus::running)
        out.flaws.push_back(
            {Flaw::Kind::running, fmt::format("execution {}: it still goes on", id)});
    if (const auto done = Reader{db, out}.read(version); !done) return done.error();
    return out;
}

} // namespace chronus::patterns
