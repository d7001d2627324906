"""Publishes with aio-pika as often as it is told, and prints after how many milliseconds each message was consumed."""

import asyncio
import sys
import time

import aio_pika


async def main(url: str, exchange: str, count: int, size: int) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel(publisher_confirms=True)
        topic = await channel.get_exchange(exchange)
        consuming = await connection.channel()
        queue = await consuming.declare_queue(exclusive=True)
        await queue.bind(exchange, "bench.aio-pika")
        body = b"x" * size
        async with queue.iterator(no_ack=True) as messages:
            for _ in range(count):
                began = time.perf_counter()
                message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
                publishing = asyncio.create_task(topic.publish(message, "bench.aio-pika", mandatory=True))
                await anext(messages)
                print((time.perf_counter() - began) * 1e3)
                await publishing
                await asyncio.sleep(0.01)


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
