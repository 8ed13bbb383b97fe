package dev.interposer.resources;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SupplyOrder;

/** One object of a manifest, as the scheduler's own values. */
public sealed interface Manifest {
    /** As in {@code kind}. */
    String kind();

    String name();

    /** A TrainingJob or InferenceJob. */
    record Job(String kind, String namespace, String name, JobSpec spec) implements Manifest {}

    record Supplier(dev.interposer.engine.model.Supplier supplier) implements Manifest {
        @Override
        public String kind() {
            return "Supplier";
        }

        @Override
        public String name() {
            return supplier.name();
        }
    }

    record ChipClass(AcceleratorClass chipClass) implements Manifest {
        @Override
        public String kind() {
            return "AcceleratorClass";
        }

        @Override
        public String name() {
            return chipClass.name();
        }
    }

    record Queue(JobQueue queue) implements Manifest {
        @Override
        public String kind() {
            return "JobQueue";
        }

        @Override
        public String name() {
            return queue.name();
        }
    }

    record Order(SupplyOrder order) implements Manifest {
        @Override
        public String kind() {
            return "SupplyOrder";
        }

        @Override
        public String name() {
            return order.name();
        }
    }

    record Policy(SourcingPolicy policy) implements Manifest {
        @Override
        public String kind() {
            return "SourcingPolicy";
        }

        @Override
        public String name() {
            return policy.name();
        }
    }
}
