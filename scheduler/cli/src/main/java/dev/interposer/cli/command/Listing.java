package dev.interposer.cli.command;

import com.google.protobuf.Message;
import dev.interposer.cli.output.Failures;
import dev.interposer.cli.output.Format;
import dev.interposer.cli.output.Messages;
import dev.interposer.cli.output.Table;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What {@code get} shows of a kind.
 *
 * @param read the answer as data
 * @param rows what is in it, one by one
 * @param naming by which each is known
 * @param layout what people read
 * @param <A> the answer
 * @param <T> one of it
 */
record Listing<A extends Message, T extends Message>(
        Supplier<A> read, Function<A, List<T>> rows, Naming<T> naming, Layout<T> layout) {
    /**
     * What {@code -o name} says of one, and by what it is told from all others.
     */
    record Naming<T>(Function<T, String> name, Function<T, String> key) {
        static <T> Naming<T> by(Function<T, String> name) {
            return new Naming<>(name, name);
        }
    }

    private static final long MILLIS = 1000;

    /** Rows as a table. */
    interface Layout<T> {
        Table table(List<T> rows, boolean wide);
    }

    /** @param one whether one alone was asked for, which is said as itself and not as a list */
    void show(Context context, boolean one) {
        A answer = read.get();
        if (context.structured()) {
            Message said = one ? rows.apply(answer).getFirst() : answer;
            context.out().print(Messages.text(said, context.format()));
        } else if (context.format() == Format.NAME) {
            rows.apply(answer)
                    .forEach(row -> context.out().println(naming.name().apply(row)));
        } else {
            layout.table(rows.apply(answer), context.page().wide())
                    .print(context.page().out(), context.page().colours());
        }
        context.out().flush();
    }

    /** Until Ctrl-C. */
    void watch(Context context) throws InterruptedException {
        Changes<T> changes = new Changes<>(context, naming, layout);
        changes.whole(rows.apply(read.get()));
        while (true) {
            Thread.sleep(MILLIS);
            try {
                changes.whole(rows.apply(read.get()));
            } catch (StatusRuntimeException e) {
                // A server that starts anew, or a follower that leads soon, is waited for.
                if (!Failures.mayPass(e)) {
                    throw e;
                }
            }
        }
    }
}
