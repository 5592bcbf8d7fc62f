package javax.annotation;

/** The annotation that generated classes bear. It left the JDK with Java 11; the client's build file takes it from a package. */
public @interface Generated {
    String[] value();

    String date() default "";

    String comments() default "";
}
