package dev.interposer.agent.driver.plugin;

import dev.interposer.proto.driver.v1.Device;
import dev.interposer.proto.driver.v1.IdentifyResponse;
import dev.interposer.proto.driver.v1.Inventory;
import dev.interposer.proto.driver.v1.InventoryEvent;
import dev.interposer.proto.driver.v1.PrepareRequest;
import dev.interposer.proto.driver.v1.PrepareResponse;
import dev.interposer.proto.driver.v1.StatsResponse;
import dev.interposer.proto.driver.v1.UnprepareRequest;
import io.grpc.Status;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Asks a plugin all that the agent will ask, and what it will only ask on a bad day, and says in plain words what it
 * does not do as driver.v1 says. Prepares its first device, so the node should run nothing.
 */
public final class PluginCheck {
    private static final String NO_DEVICE = "interposer-no-such-device";
    private static final String CLAIM = "interposer-plugin-check";
    /** For changes after the first inventory. */
    private static final Duration LISTENING = Duration.ofSeconds(2);

    private static final int MOST_EVENTS = 1_000;

    private final PluginConfig config;
    private final PrintStream out;
    private int violations;

    private PluginCheck(PluginConfig config, PrintStream out) {
        this.config = config;
        this.out = out;
    }

    /** Prints a line for each thing that was looked at; how many of them are violations. */
    public static int run(PluginConfig config, PrintStream out) throws InterruptedException {
        PluginCheck check = new PluginCheck(config, out);
        try (PluginCalls calls = new PluginCalls(config)) {
            check.all(calls);
        }
        out.println(
                check.violations == 0
                        ? "the plugin at " + config.socket() + " keeps driver.v1"
                        : "the plugin at " + config.socket() + " breaks driver.v1 in " + check.violations + " ways");
        return check.violations;
    }

    private void all(PluginCalls calls) throws InterruptedException {
        try {
            IdentifyResponse identity = calls.identify();
            said("Identify", Contract.identity(identity), identity.getName() + " " + identity.getVersion());
            PluginCalls.Watch watch = calls.watch();
            Inventory inventory = first(watch);
            said("WatchInventory", Contract.inventory(inventory), inventory.getDevicesCount() + " devices");
            sameOrder(calls, inventory);
            for (Device device : inventory.getDevicesList()) {
                stats(calls, device);
            }
            refused("Stats", () -> calls.stats(NO_DEVICE));
            prepare(calls, inventory);
            stillThere(calls, identity, watch, inventory);
        } catch (PluginFailure e) {
            violation(e.words());
        }
    }

    private Inventory first(PluginCalls.Watch watch) throws PluginFailure, InterruptedException {
        InventoryEvent event = watch.next(config.callDeadline());
        if (event == null) {
            throw PluginFailure.silent("WatchInventory", config.callDeadline());
        }
        if (!event.hasInventory()) {
            throw PluginFailure.contract("WatchInventory: the first event must be an inventory");
        }
        return event.getInventory();
    }

    /** Another stream at the same time, as when an agent was replaced and its connection still lingers. */
    private void sameOrder(PluginCalls calls, Inventory inventory) throws InterruptedException {
        List<String> wrong = new ArrayList<>();
        try {
            List<String> again = names(first(calls.watch()));
            if (!again.equals(names(inventory))) {
                wrong.add("a second stream lists other devices or another order: " + again);
            }
        } catch (PluginFailure e) {
            wrong.add("a second stream at the same time: " + e.words());
        }
        said("WatchInventory, again", wrong, "the same devices in the same order");
    }

    private void stats(PluginCalls calls, Device device) {
        List<String> wrong = new ArrayList<>();
        String says = "";
        try {
            StatsResponse stats = calls.stats(device.getName());
            wrong.addAll(Contract.stats(stats, device));
            says = stats.getAllFields().size() + " of 5 measures";
        } catch (PluginFailure e) {
            wrong.add(e.words());
        }
        said("Stats of " + device.getName(), wrong, says);
    }

    private void prepare(PluginCalls calls, Inventory inventory) {
        if (inventory.getDevicesCount() == 0) {
            out.println("note: Prepare was not tried, as there is no device");
            return;
        }
        PrepareRequest request = PrepareRequest.newBuilder()
                .setClaim(CLAIM)
                .addDeviceNames(inventory.getDevices(0).getName())
                .setShareMilli(1000)
                .build();
        List<String> wrong = new ArrayList<>();
        String says = "";
        try {
            PrepareResponse answer = calls.prepare(request);
            says = answer.getEnvMap().toString();
            wrong.addAll(Contract.prepared(answer));
            PrepareResponse again = calls.prepare(request);
            if (!again.equals(answer)) {
                wrong.add("the same request again has another answer: " + again.getEnvMap());
            }
        } catch (PluginFailure e) {
            wrong.add(e.words());
        }
        said("Prepare", wrong, says);
        refused(
                "Prepare",
                () -> calls.prepare(request.toBuilder()
                        .setClaim(CLAIM + "-2")
                        .clearDeviceNames()
                        .addDeviceNames(NO_DEVICE)
                        .build()));
        unprepare(calls, request);
    }

    private void unprepare(PluginCalls calls, PrepareRequest prepared) {
        UnprepareRequest request = UnprepareRequest.newBuilder()
                .setClaim(CLAIM)
                .addAllDeviceNames(prepared.getDeviceNamesList())
                .build();
        List<String> wrong = new ArrayList<>();
        String asked = "once: ";
        try {
            calls.unprepare(request);
            asked = "a second time: ";
            calls.unprepare(request);
            asked = "for what was never prepared: ";
            calls.unprepare(request.toBuilder().setClaim(CLAIM + "-3").build());
        } catch (PluginFailure e) {
            wrong.add(asked + e.words());
        }
        said("Unprepare", wrong, "once, twice, and for what was never prepared");
    }

    /** After all that was asked of it. What it says meanwhile is judged, up to as many events as anybody reads. */
    private void stillThere(PluginCalls calls, IdentifyResponse identity, PluginCalls.Watch watch, Inventory first)
            throws InterruptedException {
        Set<String> wrong = new LinkedHashSet<>();
        int events = 0;
        try {
            if (!calls.identify().equals(identity)) {
                wrong.add("Identify has another answer than before");
            }
            Set<String> known = Set.copyOf(names(first));
            long endNanos = System.nanoTime() + LISTENING.toNanos();
            for (long left = LISTENING.toNanos();
                    left > 0 && events < MOST_EVENTS;
                    left = endNanos - System.nanoTime()) {
                InventoryEvent event = watch.next(Duration.ofNanos(left));
                if (event != null) {
                    events++;
                    wrong.addAll(judged(event, known));
                    known = event.hasInventory() ? Set.copyOf(names(event.getInventory())) : known;
                }
            }
        } catch (PluginFailure e) {
            wrong.add(e.words());
        }
        said(
                "after all that",
                List.copyOf(wrong),
                "it answers as before, the stream is open, events meanwhile: " + events);
    }

    private static List<String> judged(InventoryEvent event, Set<String> known) {
        return switch (event.getBodyCase()) {
            case INVENTORY -> Contract.inventory(event.getInventory());
            case HEALTH -> Contract.health(event.getHealth(), known);
            case BODY_NOT_SET -> List.of(Contract.NO_BODY);
        };
    }

    private void refused(String call, Asked asked) {
        List<String> wrong = new ArrayList<>();
        try {
            asked.ask();
            wrong.add("must be refused with NOT_FOUND, and is answered");
        } catch (PluginFailure e) {
            if (e.code() != Status.Code.NOT_FOUND) {
                wrong.add("must be refused with NOT_FOUND: " + e.words());
            }
        }
        said(call + " of a device that there is not", wrong, "refused");
    }

    private void said(String what, List<String> wrong, String says) {
        wrong.forEach(words -> violation(what + ": " + words));
        if (wrong.isEmpty()) {
            out.println("ok: " + what + ": " + says);
        }
    }

    private void violation(String words) {
        violations++;
        out.println("VIOLATION: " + words);
    }

    private static List<String> names(Inventory inventory) {
        return inventory.getDevicesList().stream().map(Device::getName).toList();
    }

    /** A call that may fail. */
    private interface Asked {
        void ask() throws PluginFailure;
    }
}
