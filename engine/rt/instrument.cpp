#include "engine/rt/instrument.h"

#include "dsp/rows.h"
#include "engine/rt/segments.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <variant>

namespace chronus::rt {

namespace {
constexpr std::uint32_t kWholeTick = ~std::uint32_t{0};
static_assert(kTick == 32, "a bit a frame");
} // namespace

Instrument::Instrument(EngineConfig config, EngineMail mail, Edit first,
                       std::span<float> memory) noexcept
    : lane_(std::move(mail.inbox)), outbox_(std::move(mail.outbox)), tape_(mail.tape),
      telemetry_(mail.telemetry), alarm_(mail.alarm),
      alarm_call_(alarm_ != nullptr ? alarm_->call() : 0), voices_(config.voices),
      wanted_(first.scene->params), controls_(config.fs, wanted_),
      sequencer_(static_cast<std::uint32_t>(config.fs.hz), config.voices),
      mixer_(config.fs, config.voices, config.seed, memory), scene_(first.scene),
      epoch_(first.epoch), second_(static_cast<std::uint32_t>(config.fs.hz) / kTick) {
    mixer_.update(controls_);
    publish();
}

void Instrument::render(StereoBlock out) CHRONUS_RT {
    const dsp::FlushToZero flush;
    for (std::size_t done = 0; done < out.frames();) {
        if (cursor_ == kTick) render_tick();
        const std::size_t count = std::min<std::size_t>(kTick - cursor_, out.frames() - done);
        dsp::copy_frames(tick_[0].data() + cursor_, count, out.left.data() + done);
        dsp::copy_frames(tick_[1].data() + cursor_, count, out.right.data() + done);
        cursor_ += static_cast<std::uint32_t>(count);
        done += count;
    }
    publish();
}

void Instrument::render_tick() CHRONUS_RT {
    const Frame start = at_ = std::exchange(next_tick_, next_tick_ + kTick);
    cursor_ = 0;
    taped_ = taping_ ? kWholeTick : 0;
    mixer_.metering().watch(telemetry_.watched.load(std::memory_order_relaxed));
    open_mail();
    act_on_due();
    controls_.tick({sequencer_.steps()});
    mixer_.update(controls_);
    while (at_ < next_tick_) {
        if (!lane_.empty() && act_on_due()) mixer_.update_voices(controls_);
        play(frames_to_play());
    }
    mixer_.render_master(tick());
    heal(start);
    if (taped_ != 0) write_tape();
    report_late(start);
    hash_tick();
}

/// What has come by now is all that the tick can see; an alarm before any of it has been raised.
void Instrument::open_mail() CHRONUS_RT {
    come_before_ = come_;
    come_ = lane_.collect();
    late_ = alarmed_ = false;
    if (alarm_ != nullptr && alarm_->call() != alarm_call_) obey_alarm();
}

void Instrument::obey_alarm() CHRONUS_RT {
    alarm_call_ = alarm_->call();
    const std::uint64_t sent = Alarm::sent_before(alarm_call_);
    lane_.collect(sent);
    come_ = std::max(come_, sent);
    alarmed_ = true;
    report(Alarmed{at_, sent, Alarm::silences(alarm_call_)});
    const auto none = [](When) -> Frame { return 0; };
    for (lane_.look(); lane_.passed() < sent && !lane_.empty(); lane_.look()) {
        act(lane_.next(none));
        lane_.pop(none);
    }
    if (Alarm::silences(alarm_call_)) on(Transport::panic);
}

/// Whether there was any message due now.
bool Instrument::act_on_due() CHRONUS_RT {
    const auto wait = [this](When when) { return wait_for(when); };
    const std::uint64_t before = lane_.passed();
    for (lane_.look(); !lane_.empty(); lane_.look()) {
        const Message next = lane_.next(wait);
        if (wait_for(next.when) > 0) break;
        late_ = late_ || (!next.when.is_step() && next.when.number() < at_);
        lane_.pop(wait);
        act(next);
    }
    return lane_.passed() != before;
}

Frame Instrument::wait_for(When when) const CHRONUS_RT {
    if (when.is_step()) return sequencer_.frames_to_line(when.number(), tempo());
    return when.number() > at_ ? when.number() - at_ : 0;
}

/// Of the tick, until a message is due.
std::uint32_t Instrument::frames_to_play() const CHRONUS_RT {
    const std::uint32_t rest = kTick - played();
    if (lane_.empty()) return rest;
    const auto wait = [this](When when) { return wait_for(when); };
    return static_cast<std::uint32_t>(std::min<Frame>(rest, wait(lane_.next(wait).when)));
}

void Instrument::play(std::uint32_t frames) CHRONUS_RT {
    const std::uint32_t offset = played();
    events_.clear();
    sequencer_.advance(*scene_, tempo(), {waiting_.scene, waiting_.entry}, frames, events_);
    for_each_segment(frames, events_.view(), [&](auto begin, auto end, auto events) {
        for (const Event &event : events) strike(event, at_ + begin);
        mixer_.render_voices(offset + begin, offset + end);
    });
    at_ += frames;
}

void Instrument::strike(const Event &event, Frame frame) CHRONUS_RT {
    switch (event.kind) {
    case Event::Kind::switch_scene:
        return switch_now(frame);
    case Event::Kind::note_off:
        return mixer_.gate_off(event.voice);
    case Event::Kind::note_on:
        if (event.voice >= voices_) return;
        if (!event.slide) controls_.strike(event.voice);
        mixer_.strike(controls_, scene_->tracks[event.track], event);
    }
}

void Instrument::act(const Message &message) CHRONUS_RT {
    const bool about_scene = std::holds_alternative<SetParam>(message.what) ||
                             std::holds_alternative<Edit>(message.what);
    if (about_scene && message.lineage != lineage_) {
        ++outdated_;
        return;
    }
    message_lineage_ = message.lineage;
    std::visit([this](const auto &what) { on(what); }, message.what);
}

void Instrument::on(const SetParam &set) CHRONUS_RT {
    const ParamPlace place = place_of(set.id);
    const bool of_voice = place.module == 0;
    wanted_.set(set.id, set.value);
    const auto voice = static_cast<std::uint8_t>(place.instance);
    if (of_voice && set.id == id_of({0, place.instance, 0})) mixer_.own_pitch(voice);
    if (of_voice && !mixer_.sounding(voice))
        controls_.jump(set.id, set.value);
    else
        controls_.glide(set.id, set.value);
}

void Instrument::on(const SetGate &gate) CHRONUS_RT {
    if (gate.voice >= voices_) return;
    sequencer_.by_hand(gate.voice, gate.on);
    if (!gate.on) return mixer_.gate_off(gate.voice);
    controls_.strike(gate.voice);
    mixer_.gate_on(controls_, gate.voice);
}

void Instrument::on(Transport transport) CHRONUS_RT {
    if (transport == Transport::start) {
        if (!sequencer_.running()) mixer_.metering().restart();
        return sequencer_.start();
    }
    if (transport == Transport::release) {
        sequencer_.forget_gates();
        return mixer_.release_all();
    }
    sequencer_.stop();
    if (transport == Transport::panic)
        mixer_.panic(played());
    else
        mixer_.release_all();
    if (waiting_.scene != nullptr) switch_now(at_); // nothing will reach a bar line any more
}

void Instrument::on(const SetFill &fill) CHRONUS_RT { sequencer_.set_fill(fill.on); }

void Instrument::on(const Edit &edit) CHRONUS_RT {
    if (edit.epoch < epoch_) return;
    go_on_with(edit.scene->params);
    take_scene(edit.scene, edit.epoch, at_, false);
}

void Instrument::on(const Switch &change) CHRONUS_RT {
    waiting_ = {change.scene, change.epoch, message_lineage_, change.entry};
    if (change.boundary == Boundary::bar && sequencer_.running()) return;
    if (change.entry == Entry::from_start) sequencer_.restart_pattern();
    switch_now(at_);
}

void Instrument::on(const SetTape &set) CHRONUS_RT {
    taping_ = set.on;
    const std::uint32_t from_here = kWholeTick << played();
    taped_ = set.on ? taped_ | from_here : taped_ & ~from_here;
    report(TapeChanged{at_, set.on});
}

void Instrument::on(const Mark &mark) CHRONUS_RT { report(Marked{mark.token, at_}); }

void Instrument::switch_now(Frame frame) CHRONUS_RT {
    const Waiting next = std::exchange(waiting_, {});
    if (next.entry == Entry::from_start)
        start_afresh(next.scene->params);
    else
        go_on_with(next.scene->params);
    lineage_ = next.lineage;
    take_scene(next.scene, next.epoch, frame, true);
    mixer_.update_voices(controls_);
}

/// Notes of the old scene are let go and the voices are the new scene's from this frame on; effects
/// glide there, and their tails ring over.
void Instrument::start_afresh(const ParamValues &params) CHRONUS_RT {
    mixer_.release_all();
    wanted_ = params;
    for (std::uint16_t i = 0; i < kParamCount; ++i)
        if (i < kModuleStart[1])
            controls_.jump({i}, params.get({i}));
        else
            controls_.glide({i}, params.get({i}));
}

/// Notes sound on, and what is another value from now on goes there.
void Instrument::go_on_with(const ParamValues &params) CHRONUS_RT {
    for (std::uint16_t i = 0; i < kParamCount; ++i)
        if (params.get({i}) != wanted_.get({i})) on(SetParam{{i}, params.get({i})});
}

void Instrument::take_scene(const Scene *scene, std::uint64_t epoch, Frame frame,
                            bool switched) CHRONUS_RT {
    scene_ = scene;
    epoch_ = epoch;
    mixer_.forget_tracks(scene->playing());
    report(SceneApplied{epoch, frame, switched});
}

void Instrument::heal(Frame frame) CHRONUS_RT {
    const Mixer::Bad bad = mixer_.heal(controls_);
    if (bad.voices == 0 && bad.units == 0) return;
    for (std::uint8_t v = 0; v < kMaxVoices; ++v)
        if ((bad.voices >> v & 1) != 0) report(Healed{frame, v}), ++heals_;
    for (std::uint8_t u = 0; u < 8; ++u)
        if ((bad.units >> u & 1) != 0)
            report(Healed{frame, static_cast<std::uint8_t>(kMaxVoices + u)}), ++heals_;
}

/// Each run of the tick's frames that are for it.
void Instrument::write_tape() CHRONUS_RT {
    for (unsigned begin = 0; begin < kTick;) {
        const std::uint32_t rest = taped_ >> begin;
        const auto skip = static_cast<unsigned>(std::countr_zero(rest));
        if (rest == 0) return;
        const auto count = static_cast<unsigned>(std::countr_one(rest >> skip));
        tape_.write(tick().sub(begin + skip, count));
        begin += skip + count;
    }
}

/// What came for a frame still ahead may have come earlier as well. What waits aside may not: there
/// is room for so many, and a step is waited for only while the sequencer runs. An alarm hurries
/// what has come, and no more.
void Instrument::report_late(Frame tick) CHRONUS_RT {
    if (alarmed_ || (come_ > come_before_ && (late_ || lane_.took_aside())))
        report(CameLate{tick, come_before_, come_});
}

void Instrument::hash_tick() CHRONUS_RT {
    hash_.add(tick());
    if (++hashed_ < second_) return;
    hashed_ = 0;
    report(SecondOver{next_tick_, hash_.take()});
}

void Instrument::report(const Report &what) CHRONUS_RT {
    if (!outbox_.send(what)) ++unreported_;
}

void Instrument::publish() CHRONUS_RT {
    constexpr auto relaxed = std::memory_order_relaxed;
    Telemetry &t = telemetry_;
    t.running.store(sequencer_.running(), relaxed);
    t.step.store(sequencer_.step(), relaxed);
    t.position.show(sequencer_.position(next_tick_, tempo()));
    t.outdated.store(outdated_, relaxed);
    t.unreported.store(unreported_, relaxed);
    t.heals.store(heals_, relaxed);
    std::uint32_t sounding = 0;
    for (std::uint8_t v = 0; v < voices_; ++v) {
        const float peak = mixer_.voice_peak(v);
        t.voice_peaks[v].store(peak, relaxed);
        t.voice_tracks[v].store(mixer_.track_of(v), relaxed);
        if (peak > 1e-4f) ++sounding;
    }
    t.sounding.store(sounding, relaxed);
    mixer_.metering().publish(t, voices_);
    t.playing.store(epoch_, relaxed);
    t.lineage.store(lineage_, std::memory_order_release);
    const std::uint64_t waits = waiting_.scene != nullptr ? waiting_.epoch : epoch_;
    t.needed.store(lane_.oldest_lent(std::min(epoch_, waits)), std::memory_order_release);
    t.frame.store(now(), std::memory_order_release);
}

const InstrumentKind kInstrument = instrument_kind<Instrument>();

} // namespace chronus::rt
