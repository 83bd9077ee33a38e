#pragma once

#include <string>
#include <utility>
#include <variant>

namespace chronus {

/// Why something was refused. Each has one OSC symbol and number (osc/errors.h).
enum class Errc {
    unknown_address, ///< no verb and no parameter has this address
    bad_type,        ///< an argument is missing, too many, or of a type that cannot stand for it
    out_of_range,    ///< a well-typed value outside what is allowed
    not_found,       ///< a well-formed name that names nothing
    no_match,        ///< an address pattern that matches nothing
    late,            ///< its time has passed
    too_far_ahead,   ///< its time is further off than we keep
    queue_full,      ///< no room just now; nothing was done
    conflict,        ///< made against a revision that is no longer the newest
    locked,          ///< held by somebody else
    corrupt,         ///< bytes that are not what we wrote
    auth,            ///< the sender may not do this
    unsupported,     ///< understood, but this build or machine cannot
    busy,            ///< the same thing is already going on
    too_new,         ///< written by a later chronus; never guessed at
    too_big,         ///< over a size limit
    not_now,         ///< right, but not in this state
    cancelled,       ///< called off while it was being done
    io,              ///< the operating system refused; `what` carries its words
    failed,          ///< anything else
};

/// A refusal for people: `what` is one sentence that names the thing and the limit ("slot 200: not
/// in 1..128"); `hint`, applied literally, succeeds ("/pattern/load 128"), or is empty.
struct Error {
    Errc code = Errc::failed;
    std::string what;
    std::string hint = {};
};

/// A value, or the reason there is none. Never on the audio thread: Error owns strings.
template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : v_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : v_(std::in_place_index<1>, std::move(error)) {}

    explicit operator bool() const noexcept { return v_.index() == 0; }
    const T &operator*() const & { return std::get<0>(v_); }
    T &operator*() & { return std::get<0>(v_); }
    T &&operator*() && { return std::get<0>(std::move(v_)); }
    const T *operator->() const { return &std::get<0>(v_); }
    T *operator->() { return &std::get<0>(v_); }
    const Error &error() const { return std::get<1>(v_); }

private:
    std::variant<T, Error> v_;
};

/// Success without a value.
struct Done {};
using Outcome = Result<Done>;

} // namespace chronus
