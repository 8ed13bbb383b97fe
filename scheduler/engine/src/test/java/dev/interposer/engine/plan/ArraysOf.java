package dev.interposer.engine.plan;

import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;

/** Whether two fleets say the same of one state, whatever slots and numbers they use. */
final class ArraysOf {
    private final State state;

    ArraysOf(State state) {
        this.state = state;
    }

    boolean same(Fleet kept, Fleet rebuilt) {
        for (NodeState node : state.nodes().all()) {
            int a = kept.nodeSlot(node.id());
            int b = rebuilt.nodeSlot(node.id());
            boolean alike = kept.isSchedulable(a) == rebuilt.isSchedulable(b)
                    && kept.freeResource(kept.dimension("cpu"), a) == rebuilt.freeResource(rebuilt.dimension("cpu"), b);
            for (int device = 0; device < kept.deviceCount(a); device++) {
                alike &= kept.deviceFreeMilli(a, device) == rebuilt.deviceFreeMilli(b, device)
                        && kept.deviceSlices(a, device) == rebuilt.deviceSlices(b, device)
                        && kept.deviceUsable(a, device) == rebuilt.deviceUsable(b, device);
            }
            if (!alike) {
                return false;
            }
        }
        for (AcceleratorClass chipClass : state.settings().classes()) {
            int a = kept.classNumber(chipClass.name());
            int b = rebuilt.classNumber(chipClass.name());
            if (kept.freeTotal(a) != rebuilt.freeTotal(b) || !sameLevels(kept, a, rebuilt, b, chipClass)) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameLevels(Fleet kept, int a, Fleet rebuilt, int b, AcceleratorClass chipClass) {
        var left = kept.ladder(chipClass);
        var right = rebuilt.ladder(chipClass);
        for (int step = 0; step < left.steps(); step++) {
            for (int domain = 0; domain < kept.domainCount(left.key(step)); domain++) {
                boolean alike =
                        kept.domainName(left.key(step), domain).equals(rebuilt.domainName(right.key(step), domain))
                                && kept.search().free(a, left.key(step), domain)
                                        == rebuilt.search().free(b, right.key(step), domain)
                                && kept.search().usable(a, left.key(step), domain)
                                        == rebuilt.search().usable(b, right.key(step), domain)
                                && kept.search().busy(a, left.key(step), domain)
                                        == rebuilt.search().busy(b, right.key(step), domain);
                if (!alike) {
                    return false;
                }
            }
        }
        return true;
    }
}
