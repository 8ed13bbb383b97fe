package dev.interposer.control.port;

import dev.interposer.engine.model.DeviceReport;

/** Reads the expressions by which classes recognise devices: a language that this module does not speak. */
public interface DeviceExpressions {
    /** Of whoever decides nothing of what devices are: no expression is read. */
    DeviceExpressions NONE = new DeviceExpressions() {
        @Override
        public boolean areRead() {
            return false;
        }

        @Override
        public String fault(String expression) {
            return "nothing here reads expressions";
        }

        @Override
        public boolean holds(String expression, DeviceReport device) {
            return false;
        }
    };

    /** Whether any is read here. */
    default boolean areRead() {
        return true;
    }

    /** What is wrong with an expression, in words; empty if nothing is. */
    String fault(String expression);

    /** Whether it is true of a device. One that can't be told of it, as it lacks an attribute, is not. */
    boolean holds(String expression, DeviceReport device);
}
