#include "engine/host/rtaudio_device.h"

#include "engine/host/privileges.h"

#include <RtAudio.h>
#include <jack/jack.h>

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>

namespace chronus {

namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kBlock = 256;
constexpr unsigned kAlsaBlocks = 3; // one that plays, one ready, one being rendered
constexpr unsigned kErrorsToBreak = 4;

RtAudio::Api api_of(DeviceKind kind) {
    if (kind == DeviceKind::jack) return RtAudio::UNIX_JACK;
    return kind == DeviceKind::pulse ? RtAudio::LINUX_PULSE : RtAudio::LINUX_ALSA;
}

/// All that RtAudio's thread touches.
struct Stream {
    Stream(DeviceKind kind, std::uint32_t rate) : gate(meter, rate), api(api_of(kind)) {}

    DeviceMeter meter;
    RenderGate gate;
    std::atomic<bool> broken{false};
    std::uint64_t error_at = 0; // audio thread: the block of the last error
    unsigned errors = 0;        // audio thread: errors on blocks that followed each other
    RtAudio api;                // last: closed before the rest goes
};

/// RtAudio hands its error handler no context, and calls it on the audio thread.
thread_local Stream *this_thread_plays = nullptr;

/// JACK cancels its thread at any instruction when a client that lost its server is closed, and
/// cancelling is an unwinding that no `noexcept` lets through: it would end the program.
class Uncancelled {
public:
    Uncancelled() { ::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_); }
    ~Uncancelled() noexcept(false) { ::pthread_setcancelstate(before_, nullptr); }
    Uncancelled(const Uncancelled &) = delete;
    Uncancelled &operator=(const Uncancelled &) = delete;

private:
    int before_ = PTHREAD_CANCEL_ENABLE;
};

int on_block(void *out, void *, unsigned frames, double, RtAudioStreamStatus status, void *self) {
    const Uncancelled until_done;
    auto &stream = *static_cast<Stream *>(self);
    this_thread_plays = &stream;
    if ((status & RTAUDIO_OUTPUT_UNDERFLOW) != 0)
        stream.meter.xruns.fetch_add(1, std::memory_order_relaxed);
    const std::span<float> both{static_cast<float *>(out), 2 * std::size_t{frames}};
    stream.gate.render({both.first(frames), both.last(frames)});
    return 0;
}

/// A card that was unplugged or a server that died makes every write fail at once: RtAudio would
/// go on at full speed, and with it the music. An underrun comes here too, but not each block.
void on_error(RtAudioError::Type, const std::string &) {
    if (this_thread_plays == nullptr) return;
    Stream &stream = *this_thread_plays;
    const std::uint64_t block = stream.meter.callbacks.load(std::memory_order_relaxed);
    stream.errors = block <= stream.error_at + 1 ? stream.errors + 1 : 1;
    stream.error_at = block;
    if (stream.errors < kErrorsToBreak) return;
    stream.gate.shut();
    stream.broken.store(true, std::memory_order_release);
    std::this_thread::sleep_for(20ms); // nothing is played here any more: spare the processor
}

class RtAudioDevice final : public AudioDevice {
public:
    RtAudioDevice(DeviceInfo info, std::unique_ptr<Stream> stream)
        : info_(std::move(info)), stream_(std::move(stream)) {}
    ~RtAudioDevice() override { close(); }

    const DeviceInfo &info() const override { return info_; }
    const DeviceMeter &meter() const override { return stream_->meter; }
    bool alive() const override {
        return !stream_->broken.load(std::memory_order_acquire) && stream_->api.isStreamOpen() &&
               stream_->api.isStreamRunning();
    }
    void start(const Rendering &rendering) override { stream_->gate.open(rendering); }
    void stop() noexcept override { stream_->gate.close(); }

private:
    /// By `abortStream`: `stopStream` waits for a last block, which a dead server never asks for.
    void close() noexcept try {
        stop();
        if (!stream_->api.isStreamOpen())
            std::this_thread::sleep_for(20ms); // RtAudio's own closing thread may still be leaving
        else if (stream_->api.isStreamRunning())
            stream_->api.abortStream();
    } catch (const RtAudioError &) {
        // closed or not, the destructor of the stream is next
    }

    DeviceInfo info_;
    std::unique_ptr<Stream> stream_;
};

struct Card {
    unsigned id = 0;
    RtAudio::DeviceInfo info;
};

/// JACK lists every client as a device, so the card is known by its name alone; where there is no
/// "system" (PipeWire) the first that takes two channels will do.
Result<Card> find_card(RtAudio &api, DeviceKind kind) {
    const unsigned count = api.getDeviceCount();
    const unsigned preferred =
        kind == DeviceKind::jack || count == 0 ? 0 : api.getDefaultOutputDevice();
    Result<Card> found = Error{Errc::unsupported, "no device with two output channels"};
    for (unsigned i = 0; i < count; ++i) {
        const unsigned id = (preferred + i) % count;
        RtAudio::DeviceInfo info = api.getDeviceInfo(id);
        if (!info.probed || info.outputChannels < 2) continue;
        if (kind != DeviceKind::jack || info.name == "system") return Card{id, std::move(info)};
        if (!found) found = Card{id, std::move(info)};
    }
    return found;
}

std::uint32_t choose_rate(const RtAudio::DeviceInfo &card, DeviceKind kind, std::uint32_t wanted) {
    const bool has = std::ranges::find(card.sampleRates, wanted) != card.sampleRates.end();
    if (kind != DeviceKind::jack && wanted != 0 && has) return wanted;
    return card.preferredSampleRate != 0 ? card.preferredSampleRate : 48000;
}

/// PulseAudio's answer to a client without wishes is a buffer of 2 s, and RtAudio cannot tell it
/// of any; the variable can. What the user has set stays.
void ask_pulse_for_latency(std::uint32_t block, std::uint32_t rate) {
    const std::uint32_t ms = std::max(20u, 4000u * block / rate);
    ::setenv("PULSE_LATENCY_MSEC", std::to_string(ms).c_str(), 0);
}

void quieten(DeviceKind kind, RtAudio &api) {
    api.showWarnings(false);
    if (kind != DeviceKind::jack) return;
    jack_set_error_function([](const char *) {});
    jack_set_info_function([](const char *) {});
}

/// Opens and runs the stream; what it really got is in the answer.
DeviceInfo run_stream(Stream &stream, const Card &card, DeviceInfo info) {
    RtAudio::StreamParameters output;
    output.deviceId = card.id;
    output.nChannels = 2;
    RtAudio::StreamOptions options;
    options.flags = RTAUDIO_NONINTERLEAVED | RTAUDIO_SCHEDULE_REALTIME;
    options.numberOfBuffers = kAlsaBlocks;
    options.priority = allowed_priority();
    options.streamName = "chronus";
    unsigned frames = info.block_frames; // JACK answers its own
    stream.api.openStream(&output, nullptr, RTAUDIO_FLOAT32, info.sample_rate, &frames, on_block,
                          &stream, &options, on_error);
    stream.api.startStream();
    info.block_frames = frames;
    if (stream.api.isStreamRunning()) // never later: after a loss this would crash
        info.latency_frames =
            static_cast<std::uint32_t>(std::max(0l, stream.api.getStreamLatency()));
    return info;
}

} // namespace

Result<std::unique_ptr<AudioDevice>> open_rtaudio(DeviceKind kind,
                                                  const DeviceRequest &request) try {
    RtAudio scout(api_of(kind));
    quieten(kind, scout);
    const auto card = find_card(scout, kind);
    if (!card) return card.error();

    DeviceInfo info{kind, card->info.name};
    info.sample_rate = choose_rate(card->info, kind, request.sample_rate);
    info.block_frames = request.block_frames != 0 ? request.block_frames : kBlock;
    if (kind == DeviceKind::pulse) ask_pulse_for_latency(info.block_frames, info.sample_rate);

    auto stream = std::make_unique<Stream>(kind, info.sample_rate);
    quieten(kind, stream->api);
    info = run_stream(*stream, *card, std::move(info));
    auto device = std::make_unique<RtAudioDevice>(std::move(info), std::move(stream));
    if (!device->alive()) return Error{Errc::unsupported, "the stream did not start"};
    return std::unique_ptr<AudioDevice>(std::move(device));
} catch (const RtAudioError &refusal) {
    return Error{Errc::unsupported, refusal.what()};
}

} // namespace chronus

extern "C" __attribute__((visibility("default"))) void
chronus_open_rtaudio_1(chronus::DeviceKind kind, const chronus::DeviceRequest &request,
                       chronus::Result<std::unique_ptr<chronus::AudioDevice>> &out) {
    out = chronus::open_rtaudio(kind, request);
}
