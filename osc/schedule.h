#pragma once

#include "engine/model/time.h"
#include "engine/result.h"
#include "osc/moment.h"
#include "osc/peer.h"
#include "osc/requests.h"
#include "patterns/text/codec.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace chronus::osc {

/// Commands of one sender that act together.
struct Errand {
    Peer from;
    std::vector<Request> requests;
};

/// When an errand is due: on a frame, or at a line of the music.
using Due = std::variant<Frame, Moment>;

/// What is to be done later, in the order in which it is due.
///
/// Thread: control.
class Schedule {
public:
    static constexpr std::size_t kMost = 4096;

    struct Entry {
        std::string name; ///< the client's id, or "#12"
        Due due;
        Errand errand;
        bool answered = false; ///< only what goes wrong is still to be told
        std::map<int, std::shared_ptr<const patterns::Loaded>> prepared = {}; ///< by slot
    };

    /// Names the entry and keeps it. Errors: queue_full - 4,096 wait already.
    Result<std::string> add(Entry entry);

    /// Takes what is due by `frame` and by `step`, both included, in order of time among its kind.
    /// No step: the music stands.
    std::vector<Entry> take(Frame frame, std::optional<std::uint64_t> step);
    /// No line will come any more: takes what waits for one that was counted from then.
    std::vector<Entry> take_uncounted();
    /// What waits under that name; of several first that of `by`. Null for nothing.
    const Entry *find(std::string_view name, const Peer &by) const;
    /// Takes it; nothing when there is none.
    std::optional<Entry> cancel(std::string_view name, const Peer &by);
    void forget(const Peer &from);

    const std::multimap<Frame, Entry> &by_frame() const { return by_frame_; }
    const std::multimap<std::uint64_t, Entry> &by_step() const { return by_step_; }
    std::size_t size() const { return by_frame_.size() + by_step_.size(); }

private:
    template <class F>
    std::vector<Entry> take_if(F wanted);

    std::multimap<Frame, Entry> by_frame_;
    std::multimap<std::uint64_t, Entry> by_step_;
    std::uint64_t named_ = 0;
};

} // namespace chronus::osc
