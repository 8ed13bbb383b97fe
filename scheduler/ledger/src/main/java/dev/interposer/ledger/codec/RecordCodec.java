package dev.interposer.ledger.codec;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads one kind of record as the protobuf message of its name.
 *
 * <p>The schema is the contract: numbers and types come from {@code ledger.v1}, and a component without a field of its
 * name, or of another type, fails when the codec is made. What a record holds is written in the order of its
 * components, defaults left out, so that equal records give equal bytes.
 */
final class RecordCodec {
    private final MethodHandle constructor;
    private final FieldCodec[] fields;
    private final Class<?>[] types;
    private final int[] byNumber;

    private RecordCodec(MethodHandle constructor, FieldCodec[] fields, Class<?>[] types) {
        this.constructor = constructor;
        this.fields = fields;
        this.types = types;
        int most = Arrays.stream(fields).mapToInt(FieldCodec::number).max().orElse(0);
        this.byNumber = new int[most + 1];
        Arrays.fill(byNumber, -1);
        for (int index = 0; index < fields.length; index++) {
            byNumber[fields[index].number()] = index;
        }
    }

    static RecordCodec of(Class<?> type, Descriptor message, CodecRegistry registry) {
        RecordComponent[] components = type.getRecordComponents();
        List<FieldCodec> fields = new ArrayList<>();
        Class<?>[] types = new Class<?>[components.length];
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            for (int index = 0; index < components.length; index++) {
                RecordComponent component = components[index];
                types[index] = component.getType();
                String name = snake(component.getName());
                FieldDescriptor field = message.findFieldByName(name);
                if (field == null) {
                    throw new IllegalStateException(message.getFullName() + " has no field " + name);
                }
                MethodHandle accessor = lookup.unreflect(component.getAccessor())
                        .asType(MethodType.methodType(Object.class, Object.class));
                fields.add(FieldCodec.of(component, field, accessor, registry));
            }
            if (message.getFields().size() != components.length) {
                throw new IllegalStateException(message.getFullName() + " has fields that " + type + " has not");
            }
            MethodHandle constructor = lookup.findConstructor(type, MethodType.methodType(void.class, types))
                    .asSpreader(Object[].class, types.length)
                    .asType(MethodType.methodType(Object.class, Object[].class));
            return new RecordCodec(constructor, fields.toArray(FieldCodec[]::new), types);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("record " + type + " can't be read", e);
        }
    }

    void write(WireWriter out, Object value) {
        for (FieldCodec field : fields) {
            field.write(out, value);
        }
    }

    Object read(CodedInputStream in) throws IOException {
        @Nullable Object[] values = new @Nullable Object[fields.length];
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            int number = tag >>> 3;
            int index = number < byNumber.length ? byNumber[number] : -1;
            if (index < 0) {
                throw new IOException("field " + number + " is not known to this version");
            }
            values[index] = fields[index].read(in, values[index]);
        }
        for (int index = 0; index < fields.length; index++) {
            values[index] = fields[index].finish(values[index], types[index]);
        }
        return construct(values);
    }

    private Object construct(@Nullable Object[] values) throws IOException {
        try {
            return constructor.invokeExact(values);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IOException("a record refused its own values", e);
        }
    }

    /** {@code atMicros} to {@code at_micros}. */
    static String snake(String name) {
        StringBuilder snake = new StringBuilder();
        for (int index = 0; index < name.length(); index++) {
            char letter = name.charAt(index);
            if (Character.isUpperCase(letter)) {
                snake.append('_').append(Character.toLowerCase(letter));
            } else {
                snake.append(letter);
            }
        }
        return snake.toString();
    }
}
