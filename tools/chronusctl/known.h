#pragma once

#include "osc/value.h"
#include "tools/chronusctl/json.h"
#include "tools/chronusctl/link.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::ctl {

/// The schema that a daemon of this version with so many voices has at its start.
Json own_schema(std::uint16_t voices);

/// What can be sent or is told: a node of a schema that is no mere folder, by its address. The
/// nodes are those of `schema`, which must outlive them.
std::map<std::string, const Json *> addresses_in(const Json &schema);

/// Whether the node is a topic: told to those who subscribe, and nothing that can be sent.
bool is_told(const Json &node);

/// The gates that go with the voices of a schema; the schema itself is silent about them.
std::vector<std::string> gates_of(const std::map<std::string, const Json *> &addresses);

/// What is known of a daemon while somebody types: asked when first needed, its own tables where no
/// daemon answers. Thread: one; blocks its caller for a moment.
class Known {
public:
    using Ask = std::function<Heard(const osc::Message &)>;
    explicit Known(Ask ask) : ask_(std::move(ask)) {}

    /// Every address there is, gates and topics too; and those to which something can be sent.
    const std::vector<std::string> &addresses();
    std::vector<std::string> sendable();
    /// What a command takes, by its names: "track", "slot"; nothing for what is no command.
    std::vector<std::string> arguments(std::string_view address);

    std::vector<std::string> tracks();
    std::vector<std::string> slots();
    std::vector<std::string> presets();

    /// Another daemon may be met from now on.
    void forget();

private:
    void learn();
    std::vector<std::string> listed(std::string_view address, std::string_view member);

    Ask ask_;
    Json schema_;
    std::map<std::string, const Json *> nodes_; ///< into `schema_`
    std::vector<std::string> addresses_;
};

} // namespace chronus::ctl
