package dev.interposer.control.core;

import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.Hold;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.WorkerPlacement;
import java.util.List;
import java.util.Map;

/** Rough sizes of events when encoded, in bytes, so that a page keeps its bound without encoding everything twice. */
final class Weights {
    private static final int SMALL = 96;

    private Weights() {}

    static long of(Event event) {
        return switch (event) {
            case JobEvent.SpecStored stored -> of(stored.spec());
            case JobEvent.GangAssigned assigned -> of(assigned.workers());
            case JobEvent.GangReserved reserved -> of(reserved.workers());
            case JobEvent.WorkerEnded ended -> SMALL + ended.message().length() * 2L;
            case JobEvent.JobSubmitted submitted ->
                SMALL + submitted.name().length() + submitted.namespace().length();
            case FleetEvent.NodeReported reported -> {
                long weight = SMALL + of(reported.info().labels());
                for (Device device : reported.devices()) {
                    weight += 160 + of(device.report().attributes());
                }
                yield weight;
            }
            case FleetEvent.NodeReturned returned -> {
                long weight = SMALL;
                for (Hold hold : returned.holds()) {
                    weight += 32 + 10L * hold.devices().size();
                }
                yield weight;
            }
            case SettingEvent setting -> 4L * SMALL;
            default -> SMALL;
        };
    }

    private static long of(List<WorkerPlacement> workers) {
        long weight = SMALL;
        for (WorkerPlacement worker : workers) {
            weight += 16 + 10L * worker.devices().size();
        }
        return weight;
    }

    /** Rough size of a spec when encoded, bytes. */
    static long of(JobSpec spec) {
        long weight = 4L * SMALL;
        for (Profile profile : spec.profiles()) {
            for (Role role : profile.roles()) {
                weight += SMALL + of(role.container());
            }
        }
        return weight;
    }

    private static long of(Container container) {
        long weight = container.templateJson().length() + container.image().length() + of(container.env());
        for (String word : container.command()) {
            weight += word.length() + 4L;
        }
        for (String word : container.args()) {
            weight += word.length() + 4L;
        }
        return weight;
    }

    private static long of(Map<String, String> map) {
        return map.entrySet().stream()
                .mapToLong(entry -> entry.getKey().length() + entry.getValue().length() + 8L)
                .sum();
    }
}
