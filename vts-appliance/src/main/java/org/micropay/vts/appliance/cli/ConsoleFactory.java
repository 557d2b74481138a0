package org.micropay.vts.appliance.cli;

import java.lang.reflect.Constructor;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** Gives a command its console when its constructor asks for one. */
final class ConsoleFactory implements IFactory {
  private final Console console;
  private final IFactory fallback = CommandLine.defaultFactory();

  ConsoleFactory(Console console) {
    this.console = console;
  }

  @Override
  public <K> K create(Class<K> type) throws Exception {
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      if (constructor.getParameterCount() == 1
          && constructor.getParameterTypes()[0] == Console.class) {
        return type.cast(constructor.newInstance(console));
      }
    }
    return fallback.create(type);
  }
}
