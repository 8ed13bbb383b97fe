package dev.interposer.ledger.codec;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import dev.interposer.engine.model.Ids;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One component of a record as one field of a message. */
final class FieldCodec {
    /** What the component is. */
    private enum Shape {
        SCALAR,
        OPTIONAL,
        LIST,
        /** A list of numbers or enum constants, in one field. */
        PACKED,
        MAP,
        IDS
    }

    private final int number;
    private final Shape shape;
    private final ScalarCodec scalar;
    private final MethodHandle accessor;

    private FieldCodec(int number, Shape shape, ScalarCodec scalar, MethodHandle accessor) {
        this.number = number;
        this.shape = shape;
        this.scalar = scalar;
        this.accessor = accessor;
    }

    static FieldCodec of(
            RecordComponent component, FieldDescriptor field, MethodHandle accessor, CodecRegistry registry) {
        Type type = component.getGenericType();
        if (type == Ids.class) {
            expect(field, field.isRepeated() && field.isPacked());
            return new FieldCodec(field.getNumber(), Shape.IDS, ScalarCodec.of(long.class, field, registry), accessor);
        }
        if (type instanceof ParameterizedType generic) {
            boolean map = generic.getRawType() == Map.class;
            expect(field, field.isRepeated() && field.isMapField() == map);
            Type element = generic.getActualTypeArguments()[map ? 1 : 0];
            FieldDescriptor of = map ? field.getMessageType().findFieldByNumber(2) : field;
            ScalarCodec scalar = ScalarCodec.of((Class<?>) element, of, registry);
            Shape list = field.isPacked() ? Shape.PACKED : Shape.LIST;
            return new FieldCodec(field.getNumber(), map ? Shape.MAP : list, scalar, accessor);
        }
        Class<?> plain = (Class<?>) type;
        boolean optional = plain == Long.class || plain.isRecord();
        expect(field, !field.isRepeated() && field.hasPresence() == optional);
        ScalarCodec scalar = ScalarCodec.of(plain == Long.class ? long.class : plain, field, registry);
        return new FieldCodec(field.getNumber(), optional ? Shape.OPTIONAL : Shape.SCALAR, scalar, accessor);
    }

    private static void expect(FieldDescriptor field, boolean fits) {
        if (!fits) {
            throw new IllegalStateException("field " + field.getFullName() + " has another shape than its component");
        }
    }

    int number() {
        return number;
    }

    void write(WireWriter out, Object owner) {
        Object value = get(owner);
        if (value == null) {
            return;
        }
        switch (shape) {
            case SCALAR -> {
                if (!scalar.isDefault(value)) {
                    scalar.write(out, number, value);
                }
            }
            case OPTIONAL -> scalar.write(out, number, value);
            case LIST -> {
                for (Object element : (List<?>) value) {
                    scalar.write(out, number, element);
                }
            }
            case PACKED -> {
                List<?> list = (List<?>) value;
                if (!list.isEmpty()) {
                    int start = out.begin(number);
                    list.forEach(element -> out.raw(scalar.number(element)));
                    out.end(start);
                }
            }
            case IDS -> {
                Ids ids = (Ids) value;
                if (ids.size() > 0) {
                    int start = out.begin(number);
                    for (int index = 0; index < ids.size(); index++) {
                        out.raw(ids.get(index));
                    }
                    out.end(start);
                }
            }
            case MAP -> {
                for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
                    int start = out.begin(number);
                    out.string(1, (String) entry.getKey());
                    scalar.write(out, 2, entry.getValue());
                    out.end(start);
                }
            }
        }
    }

    /** Reads one occurrence; {@code before} is what earlier occurrences made. */
    @SuppressWarnings("unchecked")
    Object read(CodedInputStream in, @Nullable Object before) throws IOException {
        return switch (shape) {
            case SCALAR, OPTIONAL -> scalar.read(in);
            case LIST -> {
                List<Object> list = before == null ? new ArrayList<>() : (List<Object>) before;
                list.add(scalar.read(in));
                yield list;
            }
            case PACKED -> packed(in);
            case IDS -> ids(in);
            case MAP -> {
                Map<String, Object> map = before == null ? new TreeMap<>() : (Map<String, Object>) before;
                entry(in, map);
                yield map;
            }
        };
    }

    /** The value of a component from what was read, or its default. */
    @Nullable
    Object finish(@Nullable Object read, Class<?> type) {
        if (read != null) {
            return read;
        }
        return switch (shape) {
            case SCALAR -> scalar.defaultOf(type);
            case OPTIONAL -> null;
            case LIST, PACKED -> List.of();
            case IDS -> Ids.NONE;
            case MAP -> Map.of();
        };
    }

    private List<Object> packed(CodedInputStream in) throws IOException {
        int limit = in.pushLimit(in.readRawVarint32());
        List<Object> list = new ArrayList<>();
        while (in.getBytesUntilLimit() > 0) {
            list.add(scalar.read(in));
        }
        in.popLimit(limit);
        return list;
    }

    private static Ids ids(CodedInputStream in) throws IOException {
        int limit = in.pushLimit(in.readRawVarint32());
        long[] values = new long[8];
        int count = 0;
        while (in.getBytesUntilLimit() > 0) {
            if (count == values.length) {
                values = Arrays.copyOf(values, count * 2);
            }
            values[count++] = in.readInt64();
        }
        in.popLimit(limit);
        return Ids.of(Arrays.copyOf(values, count));
    }

    private void entry(CodedInputStream in, Map<String, Object> map) throws IOException {
        int limit = in.pushLimit(in.readRawVarint32());
        String key = "";
        Object value = null;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (WireFormat.getTagFieldNumber(tag) == 1) {
                key = in.readString();
            } else {
                value = scalar.read(in);
            }
        }
        in.popLimit(limit);
        if (value == null) {
            throw new IOException("a map entry without a value");
        }
        map.put(key, value);
    }

    private @Nullable Object get(Object owner) {
        try {
            return accessor.invokeExact(owner);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("an accessor of a record failed", e);
        }
    }
}
