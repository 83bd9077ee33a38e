#include "osc/snapshots.h"

#include "osc/director.h"
#include "osc/stage.h"
#include "patterns/history/content.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace chronus::osc {

namespace {

constexpr std::string_view kRestore = "/snapshot/restore";

/// The first that waits for the history, null when none does.
Request *to_fetch(Errand &errand) {
    const auto found = std::ranges::find_if(errand.requests, [](const Request &request) {
        return request.message.address == kRestore && !request.fetched &&
               !request.message.args.empty() &&
               std::holds_alternative<std::string>(request.message.args[0]);
    });
    return found == errand.requests.end() ? nullptr : &*found;
}

} // namespace

Result<Wanted> wanted(Context &context, std::string name, std::string_view verb) {
    Wanted out{.name = std::move(name), .here = context.versions.here(context)};
    const auto slot = patterns::slot_in(out.name);
    if (!slot) return out;
    const auto index = slot_at(context, std::vector<Value>{*slot}, 0, "/pattern/load");
    if (!index) return index.error();
    auto bytes = bytes_of(context, *index, "/pattern/load");
    if (!bytes)
        return Error{bytes.error().code, fmt::format("{}: {}", verb, bytes.error().what),
                     bytes.error().hint};
    out.slot_bytes = *std::move(bytes);
    return out;
}

Result<patterns::KeptSnapshot> find(patterns::Database &db, const Wanted &wanted) {
    patterns::Here here = wanted.here;
    if (!wanted.slot_bytes.empty()) {
        const auto loaded = patterns::decode(wanted.slot_bytes);
        if (!loaded)
            return Error{Errc::failed, fmt::format("{}: {}", wanted.name, loaded.error().what),
                         "/pattern/list"};
        here.slot = patterns::content_text(loaded->document);
    }
    return patterns::find(db, wanted.name, here);
}

Result<FetchedSnapshot> fetch(patterns::Database &db, const Wanted &wanted) {
    auto kept = find(db, wanted);
    if (!kept) return kept.error();
    auto document = patterns::document_of(db, *kept);
    if (!document) return document.error();
    return FetchedSnapshot{*std::move(kept), *std::move(document)};
}

/// What is slow is done at once, and only then the errand comes: it acts whole, on its line. True
/// when it will come, or was refused.
bool Director::fetch(Group &group, std::int64_t arrival_ns) {
    Request *request = to_fetch(group.errand);
    if (request == nullptr) return false;
    auto snapshot = wanted(context_, std::get<std::string>(request->message.args[0]), kRestore);
    if (!snapshot) {
        refuse_all(group.errand, snapshot.error());
        return true;
    }
    const auto place = static_cast<std::size_t>(request - group.errand.requests.data());
    auto come = [this, group, arrival_ns, place](const Result<FetchedSnapshot> &got) {
        if (!got) return refuse_all(group.errand, got.error());
        Group ready = group;
        Request &waiting = ready.errand.requests[place];
        waiting.fetched = std::make_shared<const FetchedSnapshot>(*got);
        waiting.message.args[0] = got->kept.snapshot.hash;
        (void)bring(std::move(ready), arrival_ns);
    };
    const auto asked = context_.history.ask(
        [wanted = *std::move(snapshot)](patterns::Database &db) { return osc::fetch(db, wanted); },
        std::move(come));
    if (!asked) refuse_all(group.errand, asked.error());
    return true;
}

} // namespace chronus::osc
