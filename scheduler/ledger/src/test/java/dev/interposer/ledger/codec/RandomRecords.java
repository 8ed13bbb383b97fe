package dev.interposer.ledger.codec;

import dev.interposer.engine.event.Event;
import dev.interposer.engine.model.Ids;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** Makes records by walking their components, so that a new one is covered without a line here. */
final class RandomRecords {
    private final RandomGenerator random;

    RandomRecords(RandomGenerator random) {
        this.random = random;
    }

    static List<Class<?>> kindsOfEvent() {
        return Arrays.stream(Event.class.getPermittedSubclasses())
                .flatMap(group -> Arrays.stream(group.getPermittedSubclasses()))
                .toList();
    }

    Object make(Class<?> record) {
        RecordComponent[] components = record.getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        Object[] values = new Object[components.length];
        for (int index = 0; index < components.length; index++) {
            types[index] = components[index].getType();
            boolean nullable = Arrays.stream(
                            components[index].getAnnotatedType().getAnnotations())
                    .anyMatch(annotation ->
                            annotation.annotationType().getSimpleName().equals("Nullable"));
            values[index] = nullable && random.nextBoolean() ? null : value(components[index].getGenericType());
        }
        try {
            Constructor<?> constructor = record.getDeclaredConstructor(types);
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("record " + record + " can't be made", e);
        }
    }

    private Object value(Type type) {
        if (type instanceof ParameterizedType generic) {
            return generic.getRawType() == Map.class ? map(generic.getActualTypeArguments()[1]) : list(generic);
        }
        Class<?> plain = (Class<?>) type;
        if (plain == long.class || plain == Long.class) {
            return number();
        } else if (plain == int.class || plain == Integer.class) {
            return (int) number();
        } else if (plain == boolean.class) {
            return random.nextBoolean();
        } else if (plain == String.class) {
            return text();
        } else if (plain == Ids.class) {
            return Ids.of(random.longs(random.nextInt(5)).toArray());
        } else if (plain.isEnum()) {
            return plain.getEnumConstants()[random.nextInt(plain.getEnumConstants().length)];
        }
        return make(plain);
    }

    private long number() {
        return switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> random.nextInt(300);
            case 2 -> -random.nextInt(300);
            default -> random.nextLong();
        };
    }

    private String text() {
        String letters = "aZ9-_/ .é漢😀\n\"";
        int[] points = letters.codePoints().toArray();
        StringBuilder text = new StringBuilder();
        for (int left = random.nextInt(200); left > 0; left -= 1 + random.nextInt(20)) {
            text.appendCodePoint(points[random.nextInt(points.length)]);
        }
        return text.toString();
    }

    private List<Object> list(ParameterizedType generic) {
        List<Object> list = new ArrayList<>();
        for (int left = random.nextInt(4); left > 0; left--) {
            list.add(value(generic.getActualTypeArguments()[0]));
        }
        return list;
    }

    private Map<String, Object> map(Type values) {
        Map<String, Object> map = new TreeMap<>();
        for (int left = random.nextInt(4); left > 0; left--) {
            map.put(text(), value(values));
        }
        return map;
    }
}
