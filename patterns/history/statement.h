#pragma once

#include "engine/result.h"

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace chronus::patterns {

/// Bytes that are no text.
struct Blob {
    std::string_view bytes;
};

/// What is empty is NULL, which takes no room and asks for nothing.
inline std::optional<std::string_view> if_any(std::string_view text) {
    return text.empty() ? std::nullopt : std::optional{text};
}

/// SQL that is ready to run, again and again, with other values in the place of its `?`.
///
/// Thread: that of its database, which it must not outlive.
class Statement {
public:
    /// Values for `?` from the first on; of an earlier run none are left.
    template <class... T>
    Statement &with(const T &...values) {
        clear();
        int place = 0;
        (bind(++place, values), ...);
        return *this;
    }
    /// The values of another's row, as they are.
    Statement &with_row(const Statement &row);
    /// Runs up to the next row. False: there is none.
    Result<bool> next();
    /// Runs to its end.
    Outcome run();
    /// `take` of each row to come; one that may fail, as long as it succeeds.
    template <class Take>
    Outcome each(Take take) {
        for (;;) {
            const auto row = next();
            if (!row) return row.error();
            if (!*row) return Done{};
            if constexpr (std::is_void_v<std::invoke_result_t<Take, const Statement &>>)
                take(std::as_const(*this));
            else if (auto taken = take(std::as_const(*this)); !taken)
                return taken;
        }
    }
    /// What `read` makes of each row to come.
    template <class Read, class T = std::invoke_result_t<Read, const Statement &>>
    Result<std::vector<T>> all(Read read) {
        std::vector<T> out;
        const auto done = each([&](const Statement &row) { out.push_back(read(row)); });
        if (!done) return done.error();
        return out;
    }

    // Of the row at hand, columns from 0. Text and bytes last until the next one.
    std::int64_t whole(int column) const;
    double number(int column) const;
    std::string_view text(int column) const;
    std::string_view bytes(int column) const;
    bool is_null(int column) const;

private:
    friend class Database;
    struct Finalize {
        void operator()(sqlite3_stmt *statement) const noexcept;
    };
    explicit Statement(sqlite3_stmt *statement) : statement_(statement) {}

    void clear();
    void bind(int place, std::signed_integral auto value) { bind_whole(place, value); }
    void bind_whole(int place, std::int64_t value);
    void bind(int place, double value);
    void bind(int place, std::string_view value);
    void bind(int place, Blob value);
    template <class T>
    void bind(int place, const std::optional<T> &value) {
        if (value) bind(place, *value); // what is not bound is NULL
    }

    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

} // namespace chronus::patterns
