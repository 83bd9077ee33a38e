#include "patterns/history/message_text.h"

#include "patterns/text/json_gate.h"
#include "patterns/text/json_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace chronus::patterns {

namespace {

constexpr std::array<std::string_view, 4> kTransports{"start", "stop", "release", "panic"};
constexpr std::array<std::string_view, 2> kBoundaries{"now", "bar"};
constexpr std::array<std::string_view, 2> kEntries{"from_start", "goes_on"};

template <std::size_t N, class E>
std::string_view name_in(const std::array<std::string_view, N> &names, E value) {
    return names[static_cast<std::size_t>(value)];
}

// Writing.

void write_uids(JsonWriter &out, std::span<const TrackUids> uids) {
    out.begin_array();
    for (const TrackUids &track : uids)
        out.begin_array().value(track.uid).value(track.notes_uid).end_array();
    out.end_array();
}

void write_scene(JsonWriter &out, std::string_view key, std::uint64_t epoch,
                 const NamedScene &scene) {
    out.key(key).value(scene.content).key("epoch").value(epoch).key("uids");
    write_uids(out, scene.uids);
}

struct WriteWhat {
    JsonWriter &out;
    const NamedScene &scene;

    bool operator()(const SetParam &m) const {
        out.key("set").value(path_of(m.id).view()).key("to").value(m.value);
        return true;
    }
    bool operator()(const SetGate &m) const {
        out.key("gate").value(m.voice).key("on").value(m.on);
        return true;
    }
    bool operator()(Transport m) const {
        out.key("transport").value(name_in(kTransports, m));
        return true;
    }
    bool operator()(const SetFill &m) const {
        out.key("fill").value(m.on);
        return true;
    }
    bool operator()(const Edit &m) const {
        write_scene(out, "edit", m.epoch, scene);
        return true;
    }
    bool operator()(const Switch &m) const {
        write_scene(out, "switch", m.epoch, scene);
        out.key("boundary").value(name_in(kBoundaries, m.boundary));
        out.key("entry").value(name_in(kEntries, m.entry));
        return true;
    }
    bool operator()(const SetTape &) const { return false; }
    bool operator()(const Mark &) const { return false; }
};

// Reading: a member that is missing or of another kind makes all of it wrong.

class Object {
public:
    explicit Object(const JsonObject &members) : members_(members) {}

    bool has(std::string_view key) const { return find(members_, key) != nullptr; }
    template <class T>
    T take(std::string_view key) {
        const Json *json = find(members_, key);
        const T *value = json != nullptr ? json->as<T>() : nullptr;
        wrong_ = wrong_ || value == nullptr;
        return value != nullptr ? *value : T{};
    }
    std::uint64_t natural(std::string_view key) {
        const Json *json = find(members_, key);
        const auto value = json != nullptr ? natural_of(*json) : std::nullopt;
        wrong_ = wrong_ || !value;
        return value.value_or(0);
    }
    float number(std::string_view key) {
        const Json *json = find(members_, key);
        if (json != nullptr && json->as<double>() != nullptr)
            return static_cast<float>(*json->as<double>());
        if (json != nullptr && json->as<std::int64_t>() != nullptr)
            return static_cast<float>(*json->as<std::int64_t>());
        return static_cast<float>(natural(key));
    }
    template <class E, std::size_t N>
    E one_of(std::string_view key, const std::array<std::string_view, N> &names) {
        const auto name = take<std::string>(key);
        const auto found = std::ranges::find(names, name);
        wrong_ = wrong_ || found == names.end();
        return wrong_ ? E{} : static_cast<E>(found - names.begin());
    }
    std::vector<TrackUids> uids(std::string_view key);
    void refuse() { wrong_ = true; }
    bool wrong() const { return wrong_; }

    static std::optional<std::uint64_t> natural_of(const Json &json) {
        if (const auto *value = json.as<std::uint64_t>()) return *value;
        const auto *value = json.as<std::int64_t>();
        if (value == nullptr || *value < 0) return std::nullopt;
        return static_cast<std::uint64_t>(*value);
    }

private:
    const JsonObject &members_;
    bool wrong_ = false;
};

std::optional<std::uint32_t> uid_of(const Json &json) {
    const auto value = Object::natural_of(json);
    if (!value || *value > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
    return static_cast<std::uint32_t>(*value);
}

std::optional<std::vector<TrackUids>> uids_in(const Json &json) {
    const auto *list = json.as<JsonArray>();
    if (list == nullptr || list->size() > kMaxTracks) return std::nullopt;
    std::vector<TrackUids> out;
    for (const Json &track : *list) {
        const auto *pair = track.as<JsonArray>();
        if (pair == nullptr || pair->size() != 2) return std::nullopt;
        const auto uid = uid_of((*pair)[0]), notes = uid_of((*pair)[1]);
        if (!uid || !notes) return std::nullopt;
        out.push_back({*uid, *notes});
    }
    return out;
}

std::vector<TrackUids> Object::uids(std::string_view key) {
    const Json *json = find(members_, key);
    auto found = json != nullptr ? uids_in(*json) : std::nullopt;
    wrong_ = wrong_ || !found;
    return found ? *std::move(found) : std::vector<TrackUids>{};
}

Error no_such(const Item &item) {
    return {Errc::failed, fmt::format("item {}: is not what was kept", item.seq)};
}

SetParam set_of(Object &in) {
    const auto id = find_param(in.take<std::string>("set"));
    if (!id) in.refuse();
    return {id.value_or(ParamId{}), in.number("to")};
}

SetGate gate_of(Object &in) {
    const std::uint64_t voice = in.natural("gate");
    if (voice > 63) in.refuse();
    return {static_cast<std::uint8_t>(voice), in.take<bool>("on")};
}

NamedScene scene_of(Object &in, std::string_view key) {
    return {in.take<std::string>(key), in.uids("uids")};
}

Switch switch_of(Object &in) {
    return {.epoch = in.natural("epoch"),
            .boundary = in.one_of<Boundary>("boundary", kBoundaries),
            .entry = in.one_of<Entry>("entry", kEntries)};
}

decltype(Message::what) what_of(Object &in) {
    if (in.has("set")) return set_of(in);
    if (in.has("gate")) return gate_of(in);
    if (in.has("transport")) return in.one_of<Transport>("transport", kTransports);
    if (in.has("fill")) return SetFill{in.take<bool>("fill")};
    if (in.has("edit")) return Edit{.epoch = in.natural("epoch")};
    if (in.has("switch")) return switch_of(in);
    in.refuse();
    return {};
}

When when_of(Object &in) {
    if (in.has("step")) return When::step(in.natural("step"));
    if (in.has("at")) return When::frame(in.natural("at"));
    return {};
}

SentMessage message_of(Object &in, const Item &item) {
    SentMessage out{.n = in.natural("n"), .frame = item.frame, .time_ms = item.time_ms};
    out.message.what = what_of(in);
    out.message.when = when_of(in);
    if (in.has("aside")) out.message.wait = in.take<bool>("aside") ? Wait::aside : Wait::in_line;
    if (in.has("lineage")) out.message.lineage = static_cast<std::uint32_t>(in.natural("lineage"));
    return out;
}

Applied applied_of(Object &in, const Item &item) {
    if (in.has("alarm"))
        return {
            AlarmHeard{item.frame, in.natural("alarm"), in.take<bool>("silences"), item.time_ms}};
    if (!in.has("n")) return {};
    Applied out{message_of(in, item)};
    if (in.has("edit")) out.scene = scene_of(in, "edit");
    if (in.has("switch")) out.scene = scene_of(in, "switch");
    return out;
}

} // namespace

std::string uids_text(std::span<const TrackUids> uids) {
    JsonWriter out;
    write_uids(out, uids);
    return std::move(out).text();
}

Result<std::vector<TrackUids>> uids_of(std::string_view text) {
    const auto json = parse_json(text);
    auto uids = json ? uids_in(*json) : std::nullopt;
    if (!uids) return Error{Errc::failed, "a session's tracks: are not what was kept"};
    return *std::move(uids);
}

std::optional<std::string> text_of(const SentMessage &sent, const NamedScene &scene) {
    JsonWriter out;
    out.begin_object().key("n").value(sent.n);
    const Message &message = sent.message;
    if (!std::visit(WriteWhat{out, scene}, message.what)) return std::nullopt;
    if (message.when != When{})
        out.key(message.when.is_step() ? "step" : "at").value(message.when.number());
    if (message.wait == Wait::aside) out.key("aside").value(true);
    if (message.lineage != 0) out.key("lineage").value(message.lineage);
    return std::move(out.end_object()).text();
}

std::string text_of(const LateMessages &late) {
    return fmt::format(R"({{"from":{},"to":{}}})", late.from, late.to);
}
std::string text_of(const AlarmHeard &alarm) {
    return fmt::format(R"({{"alarm":{},"silences":{}}})", alarm.sent, alarm.silences);
}
std::string text_of(const SecondHeard &second) { return fmt::format("{:016x}", second.hash); }

Result<Applied> applied_of(const Item &item) {
    const auto json = parse_json(item.content);
    const auto *members = json ? json->as<JsonObject>() : nullptr;
    if (members == nullptr) return no_such(item);
    Object in{*members};
    Applied out = applied_of(in, item);
    if (in.wrong()) return no_such(item);
    return out;
}

Result<LateMessages> late_of(const Item &item) {
    const auto json = parse_json(item.content);
    const auto *members = json ? json->as<JsonObject>() : nullptr;
    if (members == nullptr) return no_such(item);
    Object in{*members};
    const LateMessages out{item.frame, in.natural("from"), in.natural("to"), item.time_ms};
    if (in.wrong()) return no_such(item);
    return out;
}

Result<SecondHeard> second_of(const Item &item) {
    SecondHeard out{.frame = item.frame, .time_ms = item.time_ms};
    const char *end = item.content.data() + item.content.size();
    const auto read = std::from_chars(item.content.data(), end, out.hash, 16);
    if (read.ec != std::errc{} || read.ptr != end || item.content.size() != 16)
        return no_such(item);
    return out;
}

} // namespace chronus::patterns
