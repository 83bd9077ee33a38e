#include "osc/render_items.h"

#include "osc/errors.h"
#include "patterns/text/json_writer.h"

#include <charconv>
#include <utility>

namespace chronus::osc {

namespace {

using patterns::ExecutionStatus;
using patterns::ItemType;
using patterns::JsonWriter;
using patterns::MadeFile;
using patterns::Output;
using patterns::StudioNews;

/// A job's number is its run's: the store gives none twice.
std::uint64_t run_of(const std::string &job) {
    std::uint64_t run = 0;
    std::from_chars(job.data(), job.data() + job.size(), run);
    return run;
}

ItemType type_of(Output output) {
    switch (output) {
    case Output::stems:
        return ItemType::output_stem;
    case Output::midi:
        return ItemType::output_midi;
    case Output::plot:
        return ItemType::output_image;
    default:
        return ItemType::output_audio;
    }
}

/// Begun with what all items of an output say.
JsonWriter about(const StudioNews &news) {
    JsonWriter json;
    json.begin_object();
    if (!news.song.empty()) json.key("song").value(news.song);
    json.key("output").value(patterns::spec_of(news.made->output).word);
    return json;
}

/// Notes are made of patterns, and nobody has listened to them.
bool was_checked(const StudioNews &news) { return news.made->output != Output::midi; }

class OutputItems {
public:
    OutputItems(Context &context, const StudioNews &news)
        : context_(context), news_(news), run_(run_of(news.job)) {}

    void put() const {
        if (was_checked(news_)) check();
        if (news_.made->blocked) blocked();
        for (const MadeFile &each : news_.made->files) file(each);
    }

private:
    void note(ItemType type, JsonWriter &json, const std::string &path = {}) const {
        const std::string text = json.end_object().text();
        context_.observer.note_render(run_, {.type = type,
                                             .content = text,
                                             .file = path,
                                             .output = static_cast<std::uint32_t>(news_.place)});
    }
    void check() const {
        JsonWriter json = about(news_);
        patterns::write_members(json, news_.made->facts);
        note(ItemType::stage3_safety_check, json);
    }
    void blocked() const {
        JsonWriter json = about(news_);
        json.key("code").value(error_row(news_.made->blocked->code).symbol);
        json.key("why").value(news_.made->blocked->what);
        note(ItemType::stage3_blocked, json);
    }
    void file(const MadeFile &made) const {
        JsonWriter json = about(news_);
        patterns::write_members(json, made);
        if (made.rate != 0) json.key("seconds").value(static_cast<double>(made.frames) / made.rate);
        note(type_of(news_.made->output), json,
             place_below_state(context_, news_.folder / made.name));
    }

    Context &context_;
    const StudioNews &news_;
    const std::uint64_t run_;
};

/// Cancelled is not failed: somebody wanted it so.
void end(Context &context, const StudioNews &news) {
    if (!news.error)
        return context.observer.end_render(run_of(news.job), ExecutionStatus::complete, "");
    const bool cancelled = news.error->code == Errc::cancelled;
    context.observer.end_render(run_of(news.job),
                                cancelled ? ExecutionStatus::stopped : ExecutionStatus::failed,
                                news.error->what);
}

} // namespace

std::string place_below_state(const Context &context, const std::filesystem::path &file) {
    const auto below = file.lexically_relative(context.history.folder());
    const bool is_below = !below.empty() && *below.begin() != "..";
    return is_below ? below.generic_string() : file.generic_string();
}

void begin_items(Context &context, const std::string &job, const StudioAsked &asked) {
    if (!asked.record) return;
    const std::string_view author = context.clients.author(asked.caller.peer);
    const std::uint64_t run = run_of(job);
    patterns::ExecutionBegin begin = asked.execution;
    begin.name = asked.record->wishes.name;
    begin.author = author;
    context.observer.begin_render(run, std::move(begin));
    context.observer.note_render(run, {.type = input_type(author),
                                       .author = author,
                                       .content = asked.said,
                                       .request = asked.caller.id});
    const auto &config = context.session.config();
    patterns::Snapshot about{.author = std::string{author},
                             .note = asked.what,
                             .trigger = "osc",
                             .time_ms = context.now_ms(),
                             .rate = static_cast<std::uint32_t>(config.fs.hz),
                             .slot = asked.execution.slot};
    context.history.note_in_turn(
        [run, record = asked.record, about = std::move(about)](patterns::Database &db) {
            return patterns::keep_record(db, run, *record, about);
        });
}

void keep_items(Context &context) {
    const auto all = context.studio.take_news();
    if (all.empty()) return;
    context.observer.look_at_clock();
    for (const StudioNews &news : all)
        if (news.made)
            OutputItems{context, news}.put();
        else
            end(context, news);
    context.observer.hand_on();
}

} // namespace chronus::osc
