#include "osc/rendering.h"

#include "osc/verbs.h"

#include <fmt/format.h>

#include <utility>

namespace chronus::osc {

namespace {

/// What goes on is where to look when there is no room.
Error with_list(Error error) {
    error.hint = "/progress/list";
    return error;
}

} // namespace

Result<Reply> ask_for(Context &context, RenderAsked asked) {
    if (auto takes = context.studio.would_take(asked.order.name); !takes)
        return with_list(takes.error());
    asked.caller = context.caller;
    context.desk.renders.push_back(std::move(asked));
    return Reply{.text = {}, .later = true};
}

Result<Reply> begin_render(Context &context, RenderAsked asked) {
    const auto job = context.studio.render(std::move(asked.order), asked.what);
    if (!job) return with_list(job.error());
    return Reply{fmt::format("job {}: {} is being rendered", *job, asked.what),
                 {*job, context.studio.folder().string()}};
}

Result<Reply> render_report(Context &context, Args args) {
    const std::string &job = text_at(args, 0);
    const auto report = context.studio.report(job);
    if (!report) return with_list(report.error());
    return Reply{.text = fmt::format("job {}: {}", job, report->summary), .document = report->json};
}

} // namespace chronus::osc
