#pragma once

#include "osc/context.h"

namespace chronus::osc {

/// `f(job)` for what has been asked of the disk and is not done yet, in order.
///
/// Thread: control.
template <class F>
void each_job(Context &context, F &&f) {
    context.saver.each_waiting(f);
    for (const patterns::Job &job : context.desk.jobs) f(job);
}

} // namespace chronus::osc
