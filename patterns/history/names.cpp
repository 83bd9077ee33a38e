#include "patterns/history/names.h"

#include "patterns/text/nearest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace chronus::patterns {

namespace {

constexpr std::size_t kLongest = 64;
constexpr std::array<std::string_view, 3> kKinds{"note", "bug", "insight"};

bool may_be_in_a_name(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '_' || c == '.';
}

/// A name like the wanted one that could be given.
std::string usable(std::string_view name) {
    std::string out;
    for (const char c : name.substr(0, kLongest)) out += may_be_in_a_name(c) ? c : '-';
    return out.empty() || out == "HEAD" || out.front() == '-' ? "try-1" : out;
}

Outcome check_name(std::string_view name, std::string_view verb) {
    if (usable(name) == name) return Done{};
    return Error{
        Errc::bad_type,
        fmt::format("name \"{}\": not 1 to {} letters, digits, . _ and -, or HEAD", name, kLongest),
        fmt::format("{} {}", verb, usable(name))};
}

Result<std::optional<Name>> named(Database &db, std::string_view name) {
    const auto all = names(db);
    if (!all) return all.error();
    const auto found = std::ranges::find(*all, name, &Name::name);
    return found == all->end() ? std::optional<Name>{} : std::optional{*found};
}

/// The first of "x-2", "x-3", ... that is free.
std::string free_name(Database &db, std::string_view like) {
    for (int n = 2;; ++n) {
        auto out = fmt::format("{}-{}", like.substr(0, kLongest - 8), n);
        if (const auto taken = named(db, out); !taken || !*taken) return out;
    }
}

Error is_given(Database &db, const Name &name, std::string_view verb) {
    return {Errc::conflict, fmt::format("name \"{}\": is a {} already", name.name, name.kind),
            fmt::format("{} {}", verb, free_name(db, name.name))};
}

Outcome give(Database &db, const Name &name, std::int64_t time_ms) {
    auto put = db.prepare("INSERT INTO names (name, kind, snapshot, time_ms) VALUES (?, ?, ?, ?)");
    if (!put) return put.error();
    return put
        ->with(std::string_view{name.name}, std::string_view{name.kind}, name.snapshot, time_ms)
        .run();
}

Outcome work_on(Database &db, std::string_view branch) {
    auto put = db.prepare("UPDATE head SET branch = ?");
    if (!put) return put.error();
    return put->with(branch).run();
}

Outcome check_node(Database &db, const KeptSnapshot &at, const std::string &node) {
    if (node.empty()) return Done{};
    const auto document = document_of(db, at);
    if (!document) return document.error();
    const Structure structure = structure_of(*document);
    if (structure.nodes.contains(node)) return Done{};
    std::vector<std::string_view> known;
    for (const auto &[name, fields] : structure.nodes) known.push_back(name);
    return Error{Errc::not_found,
                 fmt::format("node \"{}\": snapshot {} has none of that name", node,
                             short_hash(at.snapshot)),
                 fmt::format("/snapshot/show {}", short_hash(at.snapshot))};
}

} // namespace

Result<std::vector<Name>> names(Database &db) {
    auto asked = db.prepare("SELECT n.name, n.kind, n.snapshot, h.branch IS NOT NULL FROM names n"
                            " LEFT JOIN head h ON h.branch = n.name ORDER BY n.name");
    if (!asked) return asked.error();
    return asked->all([](const Statement &row) {
        return Name{std::string{row.text(0)}, std::string{row.text(1)}, row.whole(2),
                    row.whole(3) != 0};
    });
}

Outcome tag(Database &db, std::string_view name, const KeptSnapshot &at) {
    if (auto usable = check_name(name, "/snapshot/tag"); !usable) return usable;
    const auto known = named(db, name);
    if (!known) return known.error();
    if (*known) return is_given(db, **known, "/snapshot/tag");
    return give(db, {std::string{name}, "tag", at.id}, at.snapshot.time_ms);
}

Outcome branch(Database &db, std::string_view name, const std::optional<KeptSnapshot> &at) {
    if (auto usable = check_name(name, "/snapshot/branch"); !usable) return usable;
    const auto known = named(db, name);
    if (!known) return known.error();
    if (*known && ((*known)->kind != "branch" || at))
        return is_given(db, **known, "/snapshot/branch");
    auto all = Transaction::begin(db);
    if (!all) return all.error();
    if (!*known) {
        const auto from = at ? Result<std::optional<KeptSnapshot>>{at} : head(db);
        if (!from) return from.error();
        if (*from)
            if (auto done =
                    give(db, {std::string{name}, "branch", (*from)->id}, (*from)->snapshot.time_ms);
                !done)
                return done;
    }
    if (auto done = work_on(db, name); !done) return done;
    return all->commit();
}

Outcome annotate(Database &db, const KeptSnapshot &at, const Annotation &annotation) {
    if (std::ranges::find(kKinds, annotation.kind) == kKinds.end())
        return Error{Errc::bad_type,
                     fmt::format("kind \"{}\": not note, bug or insight", annotation.kind),
                     fmt::format("/snapshot/annotate {} \"what is said\"",
                                 nearest_of(annotation.kind, kKinds))};
    if (auto known = check_node(db, at, annotation.node); !known) return known;
    auto put = db.prepare("INSERT INTO annotations (snapshot, node, kind, text, author, time_ms)"
                          " VALUES (?, ?, ?, ?, ?, ?)");
    if (!put) return put.error();
    return put
        ->with(at.id, annotation.node, annotation.kind, annotation.text, annotation.author,
               annotation.time_ms)
        .run();
}

Result<std::vector<Annotation>> annotations(Database &db, const KeptSnapshot &at) {
    auto asked = db.prepare("SELECT snapshot, node, kind, text, author, time_ms FROM annotations"
                            " WHERE snapshot = ? ORDER BY id");
    if (!asked) return asked.error();
    asked->with(at.id);
    return asked->all([](const Statement &row) {
        return Annotation{row.whole(0),
                          std::string{row.text(1)},
                          std::string{row.text(2)},
                          std::string{row.text(3)},
                          std::string{row.text(4)},
                          row.whole(5)};
    });
}

} // namespace chronus::patterns
