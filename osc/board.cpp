#include "osc/board.h"

#include "osc/address_pattern.h"
#include "osc/packet.h"
#include "osc/param_words.h"
#include "osc/track_json.h"
#include "patterns/text/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace chronus::osc {

namespace {

constexpr std::uint16_t kVoiceModule = place_of(param("voice1/freq")).module;

/// Text that clients may refuse as too long goes on in further arguments.
Message track_message(std::string_view name, std::string_view json) {
    constexpr std::size_t kOneArgument = 3000; // bytes
    Message out{std::string{kTopics[topic("/seq/track").index].address}, {std::string{name}}};
    do {
        out.args.emplace_back(std::string{patterns::utf8_front(json, kOneArgument)});
        json.remove_prefix(std::get<std::string>(out.args.back()).size());
    } while (!json.empty());
    return out;
}

} // namespace

Board::Board(std::uint16_t voices) : addresses_(kItems), messages_(kItems) {
    for (std::uint16_t i = 0; i < kParamCount; ++i) {
        const ParamPlace place = place_of({i});
        there_[i] = place.module != kVoiceModule || place.instance < voices;
        if (there_[i]) addresses_[i] = fmt::format("/mod/{}", path_of({i}).view());
    }
    posted_ = there_;
    for (std::uint8_t t = 0; t < kTopics.size(); ++t) {
        there_.set(item_of(TopicId{t}));
        addresses_[item_of(TopicId{t})] = kTopics[t].address;
    }
    for (std::size_t i = 0; i < kItems; ++i)
        if (there_[i]) grow_branches(i);
}

/// The branches that the item hangs on; a branch that is interrupted by another is two.
void Board::grow_branches(std::size_t item) {
    const std::string &address = addresses_[item];
    for (std::size_t at = address.find('/', 1); at != address.npos;
         at = address.find('/', at + 1)) {
        const auto branch = std::ranges::find_if(branches_, [&](const Branch &b) {
            return b.end == item && b.address.size() == at && address.starts_with(b.address);
        });
        if (branch != branches_.end())
            branch->end = item + 1;
        else
            branches_.push_back({address.substr(0, at), item, item + 1});
    }
}

Result<Items> Board::named(std::string_view pattern, std::size_t &effort) const {
    const auto parsed = AddressPattern::parse(pattern);
    if (!parsed) return parsed.error();
    Items named;
    std::size_t work = 0;
    for (const Branch &branch : branches_)
        if (work <= effort && parsed->matches(branch.address, work))
            for (std::size_t i = branch.first; i < branch.end; ++i) named.set(i);
    for (std::size_t i = 0; i < kItems && work <= effort; ++i)
        if (there_[i] && !named[i]) named[i] = parsed->matches(addresses_[i], work);
    const bool enough = work <= effort;
    effort -= std::min(work, effort);
    if (!enough) return Error{Errc::queue_full, "it takes too long to find what it names"};
    return named & there_;
}

Items Board::post(const ParamValues &values) {
    Items changed;
    for (std::uint16_t i = 0; i < kParamCount; ++i) {
        if (values.get({i}) == values_.get({i})) continue;
        changed[i] = there_[i];
        messages_[i].clear();
    }
    values_ = values;
    return changed;
}

bool Board::post(std::span<const Track> tracks) {
    bool changed = tracks.size() != tracks_.size();
    std::vector<PostedTrack> now;
    now.reserve(tracks.size());
    for (const Track &track : tracks) {
        const auto before = std::ranges::find(tracks_, track.name.view(),
                                              [](const auto &t) { return t.track.name.view(); });
        if (before != tracks_.end() && before->track == track) {
            now.push_back(std::move(*before));
            continue;
        }
        now.push_back({track, ++last_version_});
        changed = true;
    }
    tracks_ = std::move(now);
    posted_.set(item_of(topic("/seq/track")));
    return changed;
}

bool Board::post(TopicId topic, Args args) {
    const std::size_t item = item_of(topic);
    auto message = encode({addresses_[item], {args.begin(), args.end()}});
    if (message == messages_[item]) return false;
    messages_[item] = std::move(message);
    posted_.set(item);
    return true;
}

std::span<const std::byte> Board::message(std::size_t item) {
    auto &bytes = messages_[item];
    if (bytes.empty() && item < kParamCount) {
        const ParamId id{static_cast<std::uint16_t>(item)};
        bytes = encode({addresses_[item], {told_value(id, values_.get(id))}});
    }
    return bytes;
}

std::span<const std::byte> Board::message(PostedTrack &track) {
    if (track.message.empty())
        track.message = encode(track_message(track.track.name.view(), track_json(track.track)));
    return track.message;
}

std::vector<std::byte> removed_track(std::string_view name) {
    return encode(track_message(name, ""));
}

} // namespace chronus::osc
