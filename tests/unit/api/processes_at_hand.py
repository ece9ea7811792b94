"""A process that tells a customer over a route, waits for a payment, and has somebody look at it."""

from __future__ import annotations

from typing import Final

DIAGRAM: Final = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="https://example.org/order">
  <message id="m1" name="payment"/>
  <process id="order" name="Order" isExecutable="true">
    <startEvent id="Start"/>
    <sequenceFlow id="f1" sourceRef="Start" targetRef="Tell"/>
    <sendTask id="Tell" name="Tell the customer"/>
    <sequenceFlow id="f2" sourceRef="Tell" targetRef="Paid"/>
    <intermediateCatchEvent id="Paid" name="Paid"><messageEventDefinition messageRef="m1"/></intermediateCatchEvent>
    <sequenceFlow id="f3" sourceRef="Paid" targetRef="Check"/>
    <userTask id="Check" name="Check"/>
    <sequenceFlow id="f4" sourceRef="Check" targetRef="End"/>
    <endEvent id="End"/>
  </process>
</definitions>
"""
SETTINGS: Final = """process: order
title: Order
correlation: "{{ number }}"
elements:
  Tell:
    system_name: order_ready
    state: Customer told
    route: order-ready
    mapping: {Customer: "{{ email }}", Number: "{{ number }}"}
  Paid: {result: payment}
  Check: {title: "Check {{ number }}", result: check}
"""
ROUTE: Final = """# with a comment
message_name: order-ready
name: Order is ready
connection: office
attributes:
  - {system_name: Customer, type: account, required: true}
  - {system_name: Number, type: text, required: true}
properties:
  to: "{Customer}"
  subject: "Order {Number} is ready"
  message: "Dear {Customer}, it is."
"""
