#pragma once

#include "patterns/store/disk.h"

#include <signal.h>
#include <unistd.h>

namespace chronus::test {

/// The disk it is given, until the process is killed in the middle of call number `k`: odd numbers
/// die before the call, even ones after it. Only calls change a disk, so these are all the
/// different deaths there are.
class DyingDisk final : public patterns::Disk {
    template <class F>
    auto mortal(F call) {
        step();
        auto answer = call();
        step();
        return answer;
    }
    void step() {
        if (++steps_ == k_) ::kill(::getpid(), SIGKILL);
    }

public:
    DyingDisk(patterns::Disk &disk, std::size_t k) : disk_(disk), k_(k) {}

    Result<std::string> read(std::string_view path, std::size_t limit) override {
        return mortal([&] { return disk_.read(path, limit); });
    }
    Result<Handle> create(std::string_view path) override {
        return mortal([&] { return disk_.create(path); });
    }
    Result<std::size_t> write(Handle file, std::string_view bytes) override {
        // Half of what is given, so that some deaths leave a torn file.
        return mortal([&] { return disk_.write(file, bytes.substr(0, bytes.size() / 2 + 1)); });
    }
    Outcome sync(Handle file) override {
        return mortal([&] { return disk_.sync(file); });
    }
    Outcome close(Handle file) override {
        return mortal([&] { return disk_.close(file); });
    }
    Outcome rename(std::string_view from, std::string_view to) override {
        return mortal([&] { return disk_.rename(from, to); });
    }
    Outcome link(std::string_view from, std::string_view to) override {
        return mortal([&] { return disk_.link(from, to); });
    }
    Outcome unlink(std::string_view path) override {
        return mortal([&] { return disk_.unlink(path); });
    }
    Outcome make_folder(std::string_view path) override {
        return mortal([&] { return disk_.make_folder(path); });
    }
    Outcome sync_folder(std::string_view path) override {
        return mortal([&] { return disk_.sync_folder(path); });
    }
    Result<patterns::FileInfo> info(std::string_view path) override {
        return mortal([&] { return disk_.info(path); });
    }
    Result<std::vector<std::string>> list(std::string_view path) override {
        return mortal([&] { return disk_.list(path); });
    }

private:
    patterns::Disk &disk_;
    std::size_t k_;
    std::size_t steps_ = 0;
};

} // namespace chronus::test
