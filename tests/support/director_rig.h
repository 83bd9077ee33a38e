#pragma once

#include "osc/director.h"
#include "osc/kept_progress.h"
#include "osc/observer.h"
#include "patterns/history/item_keeper.h"
#include "patterns/history/journal.h"
#include "patterns/store/jobs.h"
#include "patterns/store/slot_format.h"
#include "patterns/store/state_lock.h"
#include "tests/crash/temp_folder.h"
#include "tests/support/hand_device.h"
#include "tests/support/rig.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::test {

/// An engine that keeps what is heard.
struct Listener {
    Session &session;
    Stereo heard = {};
    void render(StereoBlock out) noexcept {
        session.engine().render(out);
        heard.left.insert(heard.left.end(), out.left.begin(), out.left.end());
        heard.right.insert(heard.right.end(), out.right.begin(), out.right.end());
    }
};

struct DirectorRigConfig {
    double latency_ms = -1; ///< as in `Context`
    std::string tokens = "";
    bool observed = true; ///< what is done goes into the history
};

/// A client on this machine, and one elsewhere.
inline osc::Peer me(std::uint16_t port = 4000) { return {.ip = {127, 0, 0, 1}, .port = port}; }
inline osc::Peer stranger(std::uint16_t port = 4000) { return {.ip = {10, 0, 0, 7}, .port = port}; }

/// The daemon without its sockets, its loop and its threads but the disk's: packets are handed to
/// the director, blocks are rendered when the test says so, and time is theirs, to the nanosecond.
class DirectorRig {
public:
    static constexpr std::uint32_t kBlock = 256;
    static constexpr double kNsPerFrame = 1e9 / 48000;

    explicit DirectorRig(DirectorRigConfig config = {});

    /// What was sent to somebody.
    struct Sent {
        osc::Peer to;
        osc::Message message;
        std::size_t bytes = 0;
    };
    using Messages = std::vector<osc::Message>;

    /// A packet comes now; answers what it led to at once, to whomever.
    Messages take(std::span<const std::byte> packet, const osc::Peer &from = me());
    Messages say(const osc::Message &message, const osc::Peer &from = me());
    Messages say_together(const Messages &messages, std::uint64_t timetag = 1,
                          const osc::Peer &from = me());
    /// What was sent since this was last asked, or a packet came.
    Messages told();

    /// Time goes on by so many blocks; the director is called when it wants to be.
    void run(std::uint64_t blocks);
    /// To the block that begins with the frame or holds it.
    void run_to(Frame frame) { run((frame - rendered() + kBlock - 1) / kBlock); }
    /// Time goes on by so many blocks, and the device calls for none of them.
    void stall(std::uint64_t blocks);
    /// Another device plays from now on, of such blocks, as the supervisor has it when one is lost
    /// or is back: what was missed meanwhile is rendered at once, or, `Missed::lost`, never was.
    enum class Missed : std::uint8_t { rendered, lost };
    void change_device(std::uint32_t block, Missed missed);
    /// The disk does all that was asked of it, the history too.
    void wait_for_disk();
    /// The history has kept what it was told, and its answers are given.
    void wait_for_history();

    const std::filesystem::path &state() const { return folder_.path; }
    Frame rendered() const { return listener.heard.frames(); }
    /// The moment that stands for a frame, and the time tag for it.
    std::int64_t ns_of(Frame frame) const;
    std::uint64_t tag_of(Frame frame) const;

private:
    std::unique_ptr<AudioDevice> made(HandDevice *&device);
    std::int64_t now_ms() const { return 1'700'000'000'000 + now_ns / 1'000'000; }
    void look_after(std::int64_t until_ns);

    TempFolder folder_;
    patterns::StateDir state_;
    HandDevice *hand_ = nullptr; // who plays: the supervisor's, or the next
    std::unique_ptr<HandDevice> other_;
    DeviceSupervisor device_;
    Recorder recorder_;
    patterns::JobRunner jobs_;
    std::unique_ptr<patterns::Saver> saver_;
    patterns::Slots slots_;
    std::int64_t first_ns_ = monotonic_ns();

public:
    Session session;
    Listener listener{session};
    std::atomic<std::int64_t> now_ns{first_ns_};
    std::vector<Sent> sent; ///< everything

private:
    patterns::Journal journal_{folder_.path / "history.journal"};
    patterns::ItemKeeper keeper_{journal_};
    std::unique_ptr<osc::KeptProgress> kept_; // its threads read the time

public:
    ProgressStore &progress{kept_->store()};
    std::vector<ProgressScope> going; ///< for what has to go on while something is said
    patterns::Studio studio{progress, folder_.path / "renders"};
    osc::Subscriptions subscriptions{session.config().voices};
    osc::Observer observer;
    osc::Context context;
    osc::Director director;

private:
    std::size_t seen_ = 0; // of what was sent
};

/// The first message to that address, from `/reply` and `/error` on the command it is about.
const osc::Message *answer_to(const std::vector<osc::Message> &messages, std::string_view address);
/// "" for none, "/reply", else the error's symbol.
std::string outcome_of(const std::vector<osc::Message> &messages, std::string_view address);
/// An argument as text; "" when it is not there.
std::string arg(const osc::Message &message, std::size_t i);

} // namespace chronus::test
