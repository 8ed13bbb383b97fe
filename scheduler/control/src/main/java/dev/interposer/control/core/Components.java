package dev.interposer.control.core;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** The components of records of any kind, so that what measures them also counts a field which somebody adds later. */
final class Components {
    private static final ClassValue<Method[]> ACCESSORS = new ClassValue<>() {
        @Override
        protected Method[] computeValue(Class<?> type) {
            return Arrays.stream(type.getRecordComponents())
                    .map(RecordComponent::getAccessor)
                    .toArray(Method[]::new);
        }
    };

    private Components() {}

    /** The sum of a measure over them. */
    static long sum(Record record, ToLongFunction<@Nullable Object> measure) {
        long sum = 0;
        for (Method accessor : ACCESSORS.get(record.getClass())) {
            try {
                sum += measure.applyAsLong(accessor.invoke(record));
            } catch (IllegalAccessException | InvocationTargetException e) {
                throw new IllegalStateException("record " + record.getClass() + " can't be read", e);
            }
        }
        return sum;
    }
}
