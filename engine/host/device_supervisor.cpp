#include "engine/host/device_supervisor.h"

#include "engine/host/patience.h"
#include "engine/host/privileges.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace chronus {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

/// Without blocks for so long, a device is lost.
std::chrono::nanoseconds quiet_limit(const DeviceInfo &info, const DevicePatience &patience) {
    const auto floor = info.kind == DeviceKind::jack ? patience.quiet_jack : patience.quiet;
    const auto blocks = std::chrono::nanoseconds(std::int64_t{4'000'000'000} * info.block_frames /
                                                 std::max(1u, info.sample_rate));
    return std::max<std::chrono::nanoseconds>(floor, blocks);
}

void add(DeviceStatus &sum, const DeviceMeter &meter) {
    sum.blocks += meter.callbacks.load(std::memory_order_relaxed);
    sum.xruns += meter.xruns.load(std::memory_order_relaxed);
    sum.late += meter.late.load(std::memory_order_relaxed);
    meter.times.add_to(sum.times);
}

/// JACK's library raises its clients itself, if its server is raised.
std::string words_of(int priority, DeviceKind kind) {
    if (priority > 0 || kind != DeviceKind::jack) return priority_words(priority);
    return "normal priority: JACK gives a real-time one only when its server has one (jackd -R) "
           "and this user may (RLIMIT_RTPRIO)";
}

} // namespace

std::string_view word_of(DeviceState state) {
    constexpr std::array<std::string_view, 3> kWords{"running", "lost", "wrong_rate"};
    return kWords[static_cast<std::size_t>(state)];
}

Heartbeat::Clock::duration Heartbeat::still(std::uint64_t callbacks, Clock::time_point now) {
    if (callbacks != last_ || since_ == Clock::time_point{}) since_ = now;
    last_ = callbacks;
    return now - since_;
}

DeviceSupervisor::DeviceSupervisor(OpenedDevice opened, Opener reopen, DevicePatience patience)
    : meant_(opened.device->info()), reopen_(std::move(reopen)), patience_(patience),
      clock_(meant_.sample_rate), device_(std::move(opened.device)),
      stand_in_({meant_.sample_rate, 0}) {
    status_.device = meant_;
    status_.note = std::move(opened.note);
}

Result<std::unique_ptr<DeviceSupervisor>> DeviceSupervisor::open(DeviceKind kind,
                                                                 DeviceRequest request) {
    auto opened = open_device(kind, request);
    if (!opened) return opened.error();
    const DeviceInfo &info = opened->device->info();
    const DeviceRequest again{info.sample_rate, request.block_frames};
    auto reopen = [real = info.kind, again] { return open_card(real, again); };
    return std::make_unique<DeviceSupervisor>(std::move(*opened), std::move(reopen));
}

DeviceSupervisor::~DeviceSupervisor() { stop(); }

void DeviceSupervisor::start(RenderCall call) {
    heard_.engine = call;
    device_->start({.call = call_, .clock = &clock_});
    if (meant_.kind != DeviceKind::null) watcher_ = std::thread([this] { watch(); });
}

void DeviceSupervisor::stop() {
    {
        const std::lock_guard hold(lock_);
        quit_ = true;
    }
    wake_.notify_all();
    if (watcher_.joinable()) watcher_.join();
    stand_in_.stop();
    if (device_ != nullptr) device_->stop();
    clock_.stop();
    std::unique_ptr<AudioDevice> device;
    {
        const std::lock_guard hold(lock_);
        device = std::move(device_);
        if (device != nullptr) add(status_, device->meter());
    }
    if (device != nullptr) close(std::move(device));
}

DeviceStatus DeviceSupervisor::status() const {
    const std::lock_guard hold(lock_);
    DeviceStatus out = status_;
    const DeviceMeter &meter = playing_meter();
    if (device_ != nullptr) add(out, device_->meter());
    add(out, stand_in_.meter());
    out.load = meter.load.load(std::memory_order_relaxed);
    out.load_peak = meter.load_peak.load(std::memory_order_relaxed);
    out.priority = meter.priority.load(std::memory_order_relaxed);
    out.priority_words = words_of(out.priority, device_ ? meant_.kind : DeviceKind::null);
    return out;
}

const DeviceMeter &DeviceSupervisor::playing_meter() const {
    return device_ != nullptr ? device_->meter() : stand_in_.meter();
}

void DeviceSupervisor::watch() {
    while (pause(device_ != nullptr ? patience_.poll : next_retry_)) {
        if (device_ == nullptr)
            look_for_it();
        else if (!device_lives())
            lose();
    }
}

/// False: it is time to go.
bool DeviceSupervisor::pause(milliseconds time) {
    std::unique_lock hold(lock_);
    return !wake_.wait_for(hold, time, [&] { return quit_; });
}

bool DeviceSupervisor::device_lives() {
    const std::uint64_t callbacks = device_->meter().callbacks.load(std::memory_order_relaxed);
    const auto still = heartbeat_.still(callbacks, Heartbeat::Clock::now());
    return device_->alive() && still < quiet_limit(device_->info(), patience_);
}

void DeviceSupervisor::lose() {
    device_->stop();
    const std::int64_t due = clock_.due_ns();
    clock_.stop();
    stand_in_.start({.call = call_, .due_ns = due, .clock = &clock_});
    next_retry_ = patience_.first_retry;

    std::unique_ptr<AudioDevice> gone;
    {
        const std::lock_guard hold(lock_);
        gone = std::exchange(device_, nullptr);
        add(status_, gone->meter());
        ++status_.lost;
        status_.state = DeviceState::lost;
        status_.note = fmt::format("device {} ({}) is lost; time goes on without sound while it "
                                   "is looked for",
                                   word_of(meant_.kind), meant_.name);
    }
    close(std::move(gone));
}

void DeviceSupervisor::look_for_it() {
    next_retry_ = std::min(2 * next_retry_, patience_.last_retry);
    auto found = reopen_();
    if (!found)
        note(DeviceState::lost, found.error().what);
    else if (const std::uint32_t rate = (*found)->info().sample_rate; rate != meant_.sample_rate) {
        close(std::move(*found));
        note(DeviceState::wrong_rate,
             fmt::format("device {} is back at {} Hz, but the music is made at {}; set the device "
                         "back, or start again with its rate",
                         word_of(meant_.kind), rate, meant_.sample_rate));
    } else if (!take_back(std::move(*found)))
        note(DeviceState::lost, "the device opens, but asks for no blocks");
}

/// Only a device that has been seen to ask for blocks takes over.
bool DeviceSupervisor::take_back(std::unique_ptr<AudioDevice> device) {
    const auto until = Heartbeat::Clock::now() + quiet_limit(device->info(), patience_);
    const auto beats = [&] {
        return device->alive() && device->meter().callbacks.load(std::memory_order_relaxed) > 0;
    };
    while (!beats() && Heartbeat::Clock::now() < until)
        if (!pause(std::min(patience_.poll, 5ms))) break;
    if (!beats()) {
        close(std::move(device));
        return false;
    }
    const auto fade =
        static_cast<std::uint32_t>(patience_.fade_in.count()) * meant_.sample_rate / 1000;
    stand_in_.stop();
    clock_.stop();
    device->start({.call = call_, .fade_in_frames = fade, .clock = &clock_});
    heartbeat_ = {};
    const std::lock_guard hold(lock_);
    device_ = std::move(device);
    status_.device = device_->info();
    status_.state = DeviceState::running;
    status_.note.clear();
    return true;
}

void DeviceSupervisor::note(DeviceState state, std::string words) {
    const std::lock_guard hold(lock_);
    status_.state = state;
    status_.note = std::move(words);
}

/// On a thread that may be left behind: some sound systems hang when closed after a loss.
void DeviceSupervisor::close(std::unique_ptr<AudioDevice> device) {
    within(patience_.close, [gone = std::move(device)]() mutable {
        gone.reset();
        return true;
    });
}

} // namespace chronus
