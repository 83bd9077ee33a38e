#include "osc/subscriber.h"

#include "osc/bundle.h"
#include "osc/packet.h"
#include "osc/typed.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace chronus::osc {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
/// Between the packets of a batch, so that they do not overrun the reader.
constexpr std::int64_t kPace = 2'000'000;
/// What was sent as long ago as this, and no longer than twice that, may still be on its way.
constexpr std::int64_t kOnItsWay = 100'000'000;
/// Bytes. A datagram crosses any network whole; a stream's is what is written in some microseconds.
constexpr std::size_t kDatagram = 1400, kStretch = 8192;

constexpr std::size_t kTracks = item_of(topic("/seq/track"));

/// What goes by which lane.
const std::array<Items, 2> &lane_items() {
    static const std::array<Items, 2> items = [] {
        std::array<Items, 2> of;
        for (std::size_t i = 0; i < kItems; ++i)
            of[i >= kParamCount && kTopics[i - kParamCount].at_once ? 0 : 1].set(i);
        return of;
    }();
    return items;
}

} // namespace

std::int64_t Subscriber::period_ns() const {
    return static_cast<std::int64_t>(static_cast<double>(kSecond) / static_cast<double>(max_hz_));
}

void Subscriber::agree(const Terms &terms, std::int64_t now_ns) {
    max_hz_ = std::clamp(terms.max_hz.value_or(max_hz_), kLeastHz, kMostHz);
    lease_s_ = std::clamp<std::int64_t>(terms.lease_s.value_or(lease_s_), 1, kMostLease_s);
    lease_end_ns_ = now_ns + lease_s_ * kSecond;
    for (Lane &lane : lanes_) lane.due_ns = std::min(lane.due_ns, now_ns + period_ns());
}

Outcome Subscriber::add(std::string_view pattern, const Items &named, const Board &board) {
    if (std::ranges::find(patterns_, pattern) == patterns_.end()) {
        if (patterns_.size() == kMostPatterns)
            return Error{
                Errc::out_of_range,
                fmt::format("{}: {} patterns are subscribed to, the most a client may have",
                            pattern, kMostPatterns),
                typed("/unsubscribe", {patterns_.front()})};
        patterns_.emplace_back(pattern);
        named_.push_back(named);
        wanted_ |= named;
    }
    if (named[kTracks])
        for (Known &track : tracks_) track.version = 0;
    untold_ |= named & board.posted();
    pending_ |= named & board.posted();
    return Done{};
}

const Items *Subscriber::named_by(std::string_view pattern) const {
    const auto found = std::ranges::find(patterns_, pattern);
    return found == patterns_.end() ? nullptr : &named_[std::size_t(found - patterns_.begin())];
}

bool Subscriber::remove(std::string_view pattern) {
    const auto found = std::ranges::find(patterns_, pattern);
    if (found == patterns_.end()) return false;
    named_.erase(named_.begin() + (found - patterns_.begin()));
    patterns_.erase(found);
    wanted_.reset();
    for (const Items &named : named_) wanted_ |= named;
    pending_ &= wanted_;
    untold_ &= wanted_;
    for (Lane &lane : lanes_) lane.batch &= wanted_;
    return true;
}

void Subscriber::spare(std::size_t item) {
    if (untold_[item] || recent_[0][item] || recent_[1][item]) return;
    pending_.reset(item);
    for (Lane &lane : lanes_) lane.batch.reset(item);
}

std::optional<std::int64_t> Subscriber::next_ns() const {
    std::optional<std::int64_t> next;
    for (std::size_t i = 0; i < lanes_.size(); ++i)
        if ((lanes_[i].batch | (pending_ & lane_items()[i])).any())
            next = std::min(next.value_or(lanes_[i].due_ns), lanes_[i].due_ns);
    return next;
}

void Subscriber::age(std::int64_t now_ns) {
    const std::int64_t passed = now_ns - recent_since_ns_;
    if (passed < kOnItsWay) return;
    recent_[1] = passed < 2 * kOnItsWay ? recent_[0] : Items{};
    recent_[0].reset();
    recent_since_ns_ = now_ns;
}

void Subscriber::serve(const Turn &turn) {
    age(turn.now_ns);
    for (std::size_t i = 0; i < lanes_.size(); ++i)
        if (turn.now_ns >= lanes_[i].due_ns) serve(lanes_[i], lane_items()[i], turn);
}

void Subscriber::serve(Lane &lane, const Items &of_lane, const Turn &turn) {
    if (lane.batch.none()) {
        if (pending_.none()) return;
        lane.batch = pending_ & of_lane;
        pending_ &= ~of_lane;
    }
    if (lane.batch.none()) return;
    BundleWriter writer{turn.buffer, has_lease() ? kDatagram : kStretch};
    writer.begin(&lane == &lanes_[0] ? turn.when : TimeTag{}, turn.revision);
    const std::size_t bare = writer.bytes().size();
    Told told = fill(writer, lane.batch, turn.board);
    const bool is_bare = writer.bytes().size() == bare; // a track came and went again
    if (!is_bare && !turn.outlet(peer_, writer.bytes())) {
        lane.due_ns = turn.now_ns + period_ns();
        return;
    }
    if (told.tracks) tracks_ = *std::move(told.tracks);
    recent_[0] |= told.items & ~untold_;
    for (Items *left : {&lane.batch, &pending_, &untold_}) *left &= ~told.items;
    lane.due_ns = turn.now_ns + (lane.batch.none() ? period_ns() : std::min(kPace, period_ns()));
}

/// As much of the batch as fits.
Subscriber::Told Subscriber::fill(BundleWriter &writer, const Items &batch, Board &board) const {
    Told told;
    for_each_item(batch, [&](std::size_t item) {
        if (item == kTracks)
            told.items[item] = fill_tracks(writer, told.tracks.emplace(tracks_), board);
        else
            told.items[item] = writer.add(board.message(item));
        return told.items[item];
    });
    return told;
}

/// Whether all that is new fitted in. `known` follows what did.
bool Subscriber::fill_tracks(BundleWriter &writer, std::vector<Known> &known, Board &board) {
    const auto same_name = [](std::string_view name) {
        return [name](const auto &other) { return other.name.view() == name; };
    };
    for (PostedTrack &posted : board.tracks()) {
        auto mine = std::ranges::find_if(known, same_name(posted.track.name.view()));
        if (mine != known.end() && mine->version == posted.version) continue;
        if (!writer.add(board.message(posted))) return false;
        if (mine == known.end()) mine = known.insert(mine, {posted.track.name});
        mine->version = posted.version;
    }
    for (auto gone = known.begin(); gone != known.end();) {
        const auto there = [&](const PostedTrack &p) { return p.track.name == gone->name; };
        if (std::ranges::any_of(board.tracks(), there)) {
            ++gone;
            continue;
        }
        if (!writer.add(removed_track(gone->name.view()))) return false;
        gone = known.erase(gone);
    }
    return true;
}

} // namespace chronus::osc
