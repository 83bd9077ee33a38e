#include "osc/context.h"
#include "osc/verbs.h"

#include <fmt/format.h>

#include <array>

namespace chronus::osc {

namespace {

Result<Reply> replies(Context &context, Args args) {
    const std::int64_t policy = int_at(args, 0);
    if (policy < 0 || policy > 2)
        return Error{Errc::out_of_range, fmt::format("policy {}: not in 0..2", policy),
                     fmt::format("/client/replies {}", policy < 0 ? 0 : 2)};
    context.clients[context.caller.peer].replies = static_cast<int>(policy);
    return Reply{policy == 0   ? "nothing will be answered"
                 : policy == 1 ? "commands and errors are answered, moved controls are not"
                               : "everything is answered"};
}

constexpr std::array kVerbs{
    Verb{"/client/replies", "i:policy",
         "What the sender is answered: 0 nothing, 1 commands and errors (the default), 2 moved "
         "controls too.",
         "/client/replies 2", replies},
};

} // namespace

std::span<const Verb> client_verbs() { return kVerbs; }

} // namespace chronus::osc
