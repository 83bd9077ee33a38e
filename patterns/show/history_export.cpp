#include "patterns/show/history_export.h"

#include "patterns/history/item_json.h"
#include "patterns/show/export_manifest.h"
#include "patterns/show/watch.h"
#include "patterns/show/write_behind.h"
#include "patterns/store/archive.h"
#include "patterns/store/atomic_file.h"
#include "patterns/store/jobs.h"
#include "patterns/store/os_error.h"
#include "patterns/store/posix_disk.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <unistd.h>
#include <utility>

namespace chronus::patterns {

namespace {

constexpr std::size_t kPageItems = 1000, kPieceBytes = 1 << 18;

std::string counted(std::uint64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

/// A file that an item names, and what it says of its bytes.
struct NamedFile {
    std::string_view media;
    std::vector<std::string> hashes;
};

class Packer {
public:
    Packer(const HistoryOrder &order, HistoryThread &history, ProgressScope &level)
        : order_(order), history_(history), level_(level) {}

    Result<StudioReport> run() {
        auto disk = PosixDisk::open(order_.state);
        if (!disk) return disk.error();
        if (auto made = ensure_folder(*disk, kExportFolder); !made) return made.error();
        const std::string path = fmt::format("{}/{}.zip", kExportFolder, order_.name);
        TempNames names{static_cast<std::uint32_t>(::getpid())};
        const std::string temp = names.next(path);
        auto file = disk->create(temp);
        if (!file) return file.error();
        StagedFile staged = StagedFile::adopt(*disk, temp, path);
        auto archive = Archive::begin(UniqueFd{*file});
        if (!archive) return archive.error();
        WriteBehind behind{order_.state / temp};
        behind_ = &behind;
        if (auto done = pack(*archive, *disk); !done) return done.error();
        if (auto done = staged.commit(); !done) return done.error();
        return report((order_.state / path).string());
    }

private:
    Outcome pack(Archive &archive, PosixDisk &disk) {
        if (auto done = heads(); !done) return done;
        if (auto done = items(archive); !done) return done;
        if (auto done = patterns(archive); !done) return done;
        if (auto done = files(archive, disk); !done) return done;
        const auto added = archive.add("manifest.json", manifest_text(manifest_));
        if (!added) return added.error();
        return archive.close();
    }

    /// Asks, as long as nobody has cancelled it.
    template <class Question>
    auto asked(Question question) -> std::invoke_result_t<Question, Database &> {
        if (auto on = Watch{level_.stop()}.go_on(); !on) return on.error();
        return history_.wait_for(std::move(question));
    }

    /// Executions and sessions.
    Outcome heads() {
        for (const std::int64_t id : order_.executions) {
            auto one = asked([id](Database &db) { return execution(db, id); });
            if (!one) return one.error();
            if (!*one) continue; // it is kept no longer
            total_ += (*one)->items;
            name_pattern((*one)->snapshot);
            if (auto done = session((*one)->session); !done) return done;
            if (auto done = beginning(**one); !done) return done;
            manifest_.executions.push_back(**std::move(one));
        }
        return Done{};
    }
    Outcome session(std::int64_t id) {
        if (std::ranges::find(manifest_.sessions, id, &SessionFacts::id) !=
            manifest_.sessions.end())
            return Done{};
        auto facts = asked([id](Database &db) { return session_facts(db, id); });
        if (!facts) return facts.error();
        if (!*facts) return Done{};
        name_pattern((*facts)->pattern);
        manifest_.sessions.push_back(**std::move(facts));
        return Done{};
    }
    /// What was in play already.
    Outcome beginning(const Execution &of) {
        auto hash = asked([&of](Database &db) { return pattern_before(db, of); });
        if (!hash) return hash.error();
        const auto from = std::ranges::find(manifest_.sessions, of.session, &SessionFacts::id);
        if (hash->empty() && from != manifest_.sessions.end()) *hash = from->pattern;
        name_pattern(*hash);
        if (!hash->empty()) manifest_.begins_with[of.id] = *std::move(hash);
        return Done{};
    }
    void name_pattern(const std::string &hash) {
        if (!hash.empty()) hashes_.insert(hash);
    }

    Outcome items(Archive &archive) {
        std::size_t at = 0;
        std::uint64_t seq = 0;
        std::string text;
        const auto next = [&]() -> Result<std::string_view> {
            for (text.clear(); text.empty() && at < manifest_.executions.size();) {
                const std::int64_t id = manifest_.executions[at].id;
                auto page =
                    asked([id, seq](Database &db) { return items_after(db, id, seq, kPageItems); });
                if (!page) return page.error();
                for (const Item &item : *page) text += line(id, item);
                seq = page->empty() ? 0 : page->back().seq;
                if (page->empty()) ++at;
            }
            told("items", static_cast<double>(manifest_.items) /
                              static_cast<double>(std::max<std::int64_t>(total_, 1)));
            return std::string_view{text};
        };
        return keep(archive.add("items.jsonl", next, Packing::smaller));
    }

    std::string line(std::int64_t execution, const Item &item) {
        ++manifest_.items;
        auto hashes = hashes_in(item.content + " " + item.metadata);
        const ItemRow *row = find_item_row(static_cast<std::int64_t>(item.type));
        if (!item.file.empty())
            files_[item.file] = {row != nullptr ? row->media : "", std::move(hashes)};
        else if (row != nullptr && row->media == kJson)
            hashes_.insert(hashes.begin(), hashes.end());
        JsonWriter json;
        json.begin_object().key("execution").value(execution);
        write_members(json, item);
        return std::move(json.end_object()).text() + "\n";
    }

    /// A pattern may be named by several hashes, its own and those of snapshots.
    Outcome patterns(Archive &archive) {
        std::set<std::string> kept;
        double done = 0;
        for (const std::string &hash : hashes_) {
            told("patterns", done++ / static_cast<double>(hashes_.size()));
            const auto found = asked([&](Database &db) { return pattern_of_hash(db, hash); });
            if (!found && found.error().code != Errc::failed) return found.error();
            if (!found) manifest_.missing.push_back({"scenes/" + hash, found.error().what});
            if (!found || !*found) continue; // other things have hashes, too
            if (hash != (*found)->hash) manifest_.snapshots[hash] = (*found)->hash;
            if (!kept.insert((*found)->hash).second) continue;
            if (auto added = keep(
                    archive.add(fmt::format("scenes/{}.json", (*found)->hash), (*found)->text));
                !added)
                return added;
        }
        manifest_.patterns = kept.size();
        return Done{};
    }

    Outcome files(Archive &archive, PosixDisk &disk) {
        double done = 0;
        for (const auto &[path, named] : files_) {
            told("files", done++ / static_cast<double>(files_.size()));
            const auto file = disk.open_file(path);
            if (!file) {
                manifest_.missing.push_back({path, file.error().what});
                continue;
            }
            if (auto added = output(archive, *file, path, named); !added) return added;
        }
        return Done{};
    }

    Outcome output(Archive &archive, const UniqueFd &file, const std::string &path,
                   const NamedFile &named) {
        std::string piece(kPieceBytes, '\0');
        const auto next = [&]() -> Result<std::string_view> {
            if (auto on = Watch{level_.stop()}.go_on(); !on) return on.error();
            behind_->grown();
            const ssize_t got = ::read(file.get(), piece.data(), piece.size());
            if (got < 0) return os_error(errno, path, "read");
            return std::string_view{piece.data(), static_cast<std::size_t>(got)};
        };
        const std::string_view kind = named.media.substr(0, named.media.find('/'));
        const auto added = archive.add(fmt::format("{}/{}", kind.empty() ? "other" : kind, path),
                                       next, kind == "audio" ? Packing::as_is : Packing::smaller);
        if (!added) return added.error();
        manifest_.outputs += 1;
        const bool is_other = !named.hashes.empty() &&
                              std::ranges::find(named.hashes, added->sha256) == named.hashes.end();
        if (is_other)
            manifest_.missing.push_back({path, "what is there by now is another than was made"});
        return keep(added);
    }

    Outcome keep(const Result<ArchivedFile> &added) {
        if (!added) return added.error();
        manifest_.files.push_back(*added);
        return Done{};
    }
    void told(std::string_view phase, double fraction) {
        level_.phase(phase, std::clamp(fraction, 0.0, 1.0));
    }

    Result<StudioReport> report(const std::string &path) const {
        std::error_code ignored;
        JsonWriter json;
        json.begin_object().key("path").value(path);
        json.key("bytes").value(std::filesystem::file_size(path, ignored));
        json.key("executions").value(manifest_.executions.size());
        json.key("items").value(manifest_.items);
        json.key("patterns").value(manifest_.patterns);
        json.key("outputs").value(manifest_.outputs);
        json.key("missing").value(manifest_.missing.size());
        return StudioReport{fmt::format("{}, {} and {} in {}", counted(manifest_.items, "item"),
                                        counted(manifest_.patterns, "pattern"),
                                        counted(manifest_.outputs, "output"), path),
                            std::move(json.end_object()).text()};
    }

    const HistoryOrder &order_;
    HistoryThread &history_;
    ProgressScope &level_;
    WriteBehind *behind_ = nullptr;
    Manifest manifest_;
    std::int64_t total_ = 0; ///< items
    std::set<std::string> hashes_;
    std::map<std::string, NamedFile> files_;
};

} // namespace

Result<StudioReport> export_history(const HistoryOrder &order, HistoryThread &history,
                                    ProgressScope &level) {
    return Packer{order, history, level}.run();
}

} // namespace chronus::patterns
