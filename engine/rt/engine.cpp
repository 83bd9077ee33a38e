#include "engine/rt/engine.h"

#include "engine/rt/segments.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace chronus::rt {

Engine::Engine(EngineConfig config, EngineMail mail, Edit first, std::span<float> memory) noexcept
    : mail_(std::move(mail)), voices_(config.voices), controls_(config.fs, first.scene->params),
      sequencer_(static_cast<std::uint32_t>(config.fs.hz), config.voices),
      mixer_(config.fs, config.voices, config.seed, memory), scene_(first.scene),
      epoch_(first.epoch) {
    mixer_.update(controls_);
    publish();
}

void Engine::render(StereoBlock out) CHRONUS_RT {
    const dsp::FlushToZero flush;
    for (std::size_t done = 0; done < out.frames();) {
        if (cursor_ == kTick) render_tick();
        const std::size_t count = std::min<std::size_t>(kTick - cursor_, out.frames() - done);
        std::copy_n(tick_[0].data() + cursor_, count, out.left.data() + done);
        std::copy_n(tick_[1].data() + cursor_, count, out.right.data() + done);
        cursor_ += static_cast<std::uint32_t>(count);
        done += count;
    }
    publish();
}

void Engine::render_tick() CHRONUS_RT {
    const Frame start = std::exchange(next_tick_, next_tick_ + kTick);
    cursor_ = 0;
    mail_.inbox.drain([this](const Message &message) { act(message); });
    controls_.tick({sequencer_.steps()});
    mixer_.update(controls_);

    events_.clear();
    const Tempo tempo{controls_.now(param("seq/bpm")), controls_.now(param("seq/swing"))};
    sequencer_.advance(*scene_, tempo, waiting_.scene, kTick, events_);
    for_each_segment(kTick, events_.view(), [&](auto begin, auto end, auto events) {
        for (const Event &event : events) strike(event, start + begin);
        mixer_.render_voices(begin, end);
    });
    mixer_.render_master({tick_[0], tick_[1]});
    heal(start);
    if (taping_) mail_.tape.write({tick_[0], tick_[1]});
}

void Engine::strike(const Event &event, Frame frame) CHRONUS_RT {
    switch (event.kind) {
    case Event::Kind::switch_scene:
        return switch_now(frame);
    case Event::Kind::note_off:
        return mixer_.gate_off(event.voice);
    case Event::Kind::note_on:
        if (event.voice < voices_) mixer_.strike(controls_, scene_->tracks[event.track], event);
    }
}

void Engine::act(const Message &message) CHRONUS_RT {
    const bool about_scene = std::holds_alternative<SetParam>(message.what) ||
                             std::holds_alternative<Edit>(message.what);
    if (about_scene && message.lineage != lineage_) {
        ++outdated_;
        return;
    }
    message_lineage_ = message.lineage;
    std::visit([this](const auto &what) { on(what); }, message.what);
}

void Engine::on(const SetParam &set) CHRONUS_RT {
    const ParamPlace place = place_of(set.id);
    const bool of_voice = place.module == 0;
    const auto voice = static_cast<std::uint8_t>(place.instance);
    if (of_voice && set.id == id_of({0, place.instance, 0})) mixer_.own_pitch(voice);
    if (of_voice && !mixer_.sounding(voice))
        controls_.jump(set.id, set.value);
    else
        controls_.glide(set.id, set.value);
}

void Engine::on(const SetGate &gate) CHRONUS_RT {
    if (gate.voice >= voices_) return;
    sequencer_.by_hand(gate.voice, gate.on);
    if (gate.on)
        mixer_.gate_on(controls_, gate.voice);
    else
        mixer_.gate_off(gate.voice);
}

void Engine::on(Transport transport) CHRONUS_RT {
    if (transport == Transport::start) return sequencer_.start();
    if (transport == Transport::release) {
        sequencer_.forget_gates();
        return mixer_.release_all();
    }
    sequencer_.stop();
    if (transport == Transport::panic)
        mixer_.panic();
    else
        mixer_.release_all();
    if (waiting_.scene != nullptr) switch_now(now()); // nothing will reach a bar line any more
}

void Engine::on(const SetFill &fill) CHRONUS_RT { sequencer_.set_fill(fill.on); }

void Engine::on(const Edit &edit) CHRONUS_RT {
    for (std::uint16_t i = 0; i < kParamCount; ++i)
        if (edit.scene->params.get({i}) != scene_->params.get({i}))
            on(SetParam{{i}, edit.scene->params.get({i})});
    play(edit.scene, edit.epoch, now(), false);
}

void Engine::on(const Switch &change) CHRONUS_RT {
    waiting_ = {change.scene, change.epoch, message_lineage_};
    if (change.boundary == Boundary::bar && sequencer_.running()) return;
    sequencer_.restart_pattern();
    switch_now(now());
}

void Engine::on(const SetTape &set) CHRONUS_RT {
    taping_ = set.on;
    report(TapeChanged{now(), set.on});
}

/// Notes of the old scene are let go and the voices are the new scene's from this frame on; effects
/// glide there, and their tails ring over.
void Engine::switch_now(Frame frame) CHRONUS_RT {
    const Waiting next = std::exchange(waiting_, {});
    mixer_.release_all();
    for (std::uint16_t i = 0; i < kParamCount; ++i) {
        const float value = next.scene->params.get({i});
        if (i < kModuleStart[1])
            controls_.jump({i}, value);
        else
            controls_.glide({i}, value);
    }
    lineage_ = next.lineage;
    play(next.scene, next.epoch, frame, true);
    mixer_.update(controls_);
}

void Engine::play(const Scene *scene, std::uint64_t epoch, Frame frame, bool switched) CHRONUS_RT {
    scene_ = scene;
    epoch_ = epoch;
    mixer_.forget_tracks(scene->playing());
    report(SceneApplied{epoch, frame, switched});
}

void Engine::heal(Frame frame) CHRONUS_RT {
    const Mixer::Bad bad = mixer_.heal();
    if (bad.voices == 0 && bad.units == 0) return;
    for (std::uint8_t v = 0; v < kMaxVoices; ++v)
        if ((bad.voices >> v & 1) != 0) report(Healed{frame, v}), ++heals_;
    for (std::uint8_t u = 0; u < 8; ++u)
        if ((bad.units >> u & 1) != 0)
            report(Healed{frame, static_cast<std::uint8_t>(kMaxVoices + u)}), ++heals_;
}

void Engine::report(const Report &what) CHRONUS_RT {
    if (!mail_.outbox.send(what)) ++unreported_;
}

void Engine::publish() CHRONUS_RT {
    constexpr auto relaxed = std::memory_order_relaxed;
    Telemetry &t = mail_.telemetry;
    t.running.store(sequencer_.running(), relaxed);
    t.step.store(sequencer_.step(), relaxed);
    t.outdated.store(outdated_, relaxed);
    t.unreported.store(unreported_, relaxed);
    t.heals.store(heals_, relaxed);
    std::uint32_t sounding = 0;
    for (std::uint8_t v = 0; v < voices_; ++v) {
        const float peak = mixer_.voice_peak(v);
        t.voice_peaks[v].store(peak, relaxed);
        if (peak > 1e-4f) ++sounding;
    }
    t.sounding.store(sounding, relaxed);
    const auto bands = mixer_.bands();
    for (std::size_t b = 0; b < bands.size(); ++b) t.bands[b].store(bands[b], relaxed);
    t.peak_left.store(mixer_.left_peak(), relaxed);
    t.peak_right.store(mixer_.right_peak(), relaxed);
    t.playing.store(epoch_, relaxed);
    t.lineage.store(lineage_, std::memory_order_release);
    const std::uint64_t waits = waiting_.scene != nullptr ? waiting_.epoch : epoch_;
    t.needed.store(std::min(epoch_, waits), std::memory_order_release);
    t.frame.store(now(), std::memory_order_release);
}

} // namespace chronus::rt
